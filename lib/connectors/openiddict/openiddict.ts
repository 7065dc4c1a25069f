import type { JsonObject } from "../../base/json.ts"
import { newId } from "../../base/id.ts"
import { discover, endpointsOf } from "../discovery.ts"
import { introspectAt } from "../introspection.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Cannot, Connector, DocumentPort, IntrospectionPort, Opened } from "../port.ts"
import { state } from "./bundle.ts"
import { check } from "./check.ts"
import { scopesOf, wordOf } from "./objects.ts"
import { project, reject, shape } from "./rules.ts"
import { noSecrets, secretsPort } from "./secrets.ts"
import { openiddictSettings, type OpeniddictSettings } from "./settings.ts"
import { keepExported, lastExported, storeOf } from "./store.ts"
import { writePort } from "./write.ts"

/** The connector for a host built on OpenIddict, which has no admin API of its own. `now` is the clock, for tests. */
export function openOpeniddict(opened: Opened, now: () => Date = () => new Date()): Connector {
  const settings = openiddictSettings.parse(opened.settings)
  const { issuer } = settings
  const store = storeOf(opened, settings)
  const endpoints = async () => endpointsOf(issuer, await discover(opened.fetch, { issuer }))
  const introspection = introspectionPort(opened, settings)
  return {
    kind: "openiddict",
    check: () => check(opened, settings, store, introspection),
    endpoints,
    reject,
    project,
    shape,
    clientIdOf: ({ key }) => key,
    async tokenRequest(audience, scopes) {
      const { tokenEndpoint } = await endpoints()
      const own = scopesOf(await store.read("read scopes"), audience)
      const names = scopes.map((word) => own.find((one) => wordOf(one) === word)?.name ?? word)
      return { tokenEndpoint, issuer, parameters: names.length > 0 ? { scope: names.join(" ") } : {} }
    },
    write: writePort(store, newId),
    secrets: settings.bundle_url === undefined ? noSecrets : secretsPort(store, now),
    introspection,
    events: {
      cannot: "OpenIddict writes no token log. Its table of tokens has no scopes, audiences or addresses.",
      source: "OpenIddictTokens: Application, Subject, Type, Status, CreationDate, ExpirationDate",
    },
    changes: { cannot: "OpenIddict keeps no log of administrative changes.", source: "openiddict-core issues 23, 264" },
    document: documentPort(opened, settings),
  }
}

function introspectionPort({ fetch }: Opened, settings: OpeniddictSettings): IntrospectionPort {
  const { issuer, client_id: id, client_secret: secret } = settings
  return {
    doubt: "The host tells only callers whom a token is for: our application may not be in the token's audience.",
    introspect: async (token) =>
      await introspectAt(fetch, (await discover(fetch, { issuer })).introspection_endpoint, token, {
        client: { id, secret },
      }),
  }
}

/** The bundle as a file, where no API takes it; and what the host holds, taken in from its file. */
function documentPort({ memory }: Opened, settings: OpeniddictSettings): DocumentPort | Cannot {
  if (settings.bundle_url !== undefined)
    return { cannot: "The bundle is written to the host's bundle API.", source: "docs/openiddict-bundle.md" }
  return {
    name: "openiddict-bundle.json",
    export: async () => JSON.parse(JSON.stringify(await lastExported(memory))) as JsonObject,
    load(document) {
      const parsed = state.safeParse(document)
      if (!parsed.success) {
        const issue = parsed.error.issues[0]
        throw new ConnectorError(
          "invalid",
          "load bundle",
          `This is no bundle: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
        )
      }
      return {
        async keep() {
          const { revision } = await lastExported(memory)
          await keepExported(memory, { ...parsed.data, revision: String(Number(revision) + 1) })
        },
      }
    },
  }
}
