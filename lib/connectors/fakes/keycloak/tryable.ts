import { guardedFetch } from "../../../base/http.ts"
import { setUpRealm } from "../../keycloak/setup.ts"
import { startFakeKeycloak, type FakeKeycloak } from "./fake.ts"

/** The fake with a realm that is set up already, and the settings of a provider of kind `keycloak` that is this realm. */
export async function startTryableKeycloak(port: number): Promise<FakeKeycloak & { readonly settings: object }> {
  const fake = await startFakeKeycloak({ port })
  const fetch = guardedFetch({ allowHosts: ["127.0.0.1"] })
  const { settings } = await setUpRealm(fetch, {
    base_url: fake.url,
    realm: "m2m",
    create_realm: true,
    admin: fake.admin,
  })
  return { ...fake, settings }
}
