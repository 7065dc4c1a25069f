import { discover, endpointsOf } from "../discovery.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Connector, Opened, TokenRequest } from "../port.ts"
import { adminOf, ownToken } from "./admin.ts"
import { scopesOf } from "./audiences.ts"
import { changesPort } from "./changes.ts"
import { check } from "./check.ts"
import type { Context } from "./context.ts"
import { eventsPort } from "./events.ts"
import { introspectionPort } from "./introspect.ts"
import { realmOf } from "./realm.ts"
import { project, reject, shape } from "./rules.ts"
import { secretsPort } from "./secrets.ts"
import { keycloakSettings, realmUrl, tokenUrl } from "./settings.ts"
import { writePort } from "./write.ts"

/** The connector for one realm of a Keycloak 26.x server, over its admin REST API. Settings: `keycloakSettings`. */
export function openKeycloak({ settings: given, fetch, fingerprint }: Opened): Connector {
  const settings = keycloakSettings.parse(given)
  const token = ownToken(fetch, settings)
  const admin = adminOf(fetch, settings, token)
  const context: Context = { settings, fetch, token, admin, realm: realmOf(admin, settings), fingerprint }
  return {
    kind: "keycloak",
    check: () => check(context),
    async endpoints() {
      const issuer = realmUrl(settings)
      return endpointsOf(issuer, await discover(fetch, { issuer }))
    },
    reject: reject(settings.client_id),
    project,
    shape,
    clientIdOf: ({ key }) => key,
    tokenRequest: (audience, scopes) => tokenRequest(context, audience, scopes),
    write: writePort(context),
    secrets: secretsPort(context),
    introspection: introspectionPort(context),
    events: eventsPort(admin),
    changes: changesPort(context),
  }
}

/** The scope alone brings the audience into `aud`; `resource` (RFC 8707) is ignored. A word may be stored under a longer name. */
async function tokenRequest(
  { realm, settings }: Context,
  audience: string,
  words: readonly string[],
): Promise<TokenRequest> {
  const owned = words.length === 0 ? [] : scopesOf(await realm.allScopes(), audience)
  const names = words.map((word) => {
    const found = owned.find((one) => one.word === word)
    if (found) return found.scope.name
    throw new ConnectorError("not_found", "find scope", `The realm has no scope ${word} of ${audience}.`)
  })
  return {
    tokenEndpoint: tokenUrl(settings),
    issuer: realmUrl(settings),
    parameters: names.length === 0 ? {} : { scope: names.join(" ") },
  }
}
