import { isObject } from "../../base/json.ts"
import { connectorContract } from "../contract.ts"
import type { ContractProvider } from "../contract-subject.ts"
import { testFetch, testRealm } from "./realm.fixture.ts"
import { samples } from "./samples.fixture.ts"
import { serverUnderTest } from "./server.fixture.ts"
import { tokenUrl } from "./settings.ts"

async function start(): Promise<ContractProvider> {
  const realm = await testRealm(serverUnderTest())
  return {
    connector: (fetch) => realm.connector(fetch),
    fetch: testFetch,
    ourToken: (url) => url === tokenUrl(realm.settings),
    behind: realm.behind,
    async tokenError(clientId, secret, { parameters }) {
      const { body } = await realm.token(clientId, secret, parameters)
      return isObject(body) && typeof body.error === "string" ? body.error : null
    },
    stop: () => realm.remove(),
  }
}

connectorContract("keycloak", start, samples)
