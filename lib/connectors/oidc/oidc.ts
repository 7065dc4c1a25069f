import { discover, endpointsOf, type Discovered } from "../discovery.ts"
import { introspectAt } from "../introspection.ts"
import type { Cannot, Connector, IntrospectionPort, Opened } from "../port.ts"
import { check } from "./check.ts"
import { limits, noManners, type Manners } from "./manners.ts"
import { recordsOf } from "./records.ts"
import { registrarOf } from "./registrar.ts"
import { project, reject, shape } from "./rules.ts"
import { secretsPort } from "./secrets.ts"
import { oidcSettings, type OidcSettings } from "./settings.ts"
import { writePort } from "./write.ts"

/** The connector for any issuer with dynamic client registration (RFC 7591, 7592). `now` is the clock, for tests. */
export function openOidc(opened: Opened, now: () => Date = () => new Date()): Connector {
  const settings = oidcSettings.parse(opened.settings)
  const { issuer, audience_parameter: parameter } = settings
  let known: Promise<Discovered> | null = null
  const fresh = () => discover(opened.fetch, { issuer })
  const discovery = () => {
    known ??= fresh().catch((error: unknown) => {
      known = null
      throw error
    })
    return known
  }
  let manners: Manners = noManners
  const records = watched(recordsOf(opened.memory), (seen) => (manners = seen))
  const registrar = registrarOf({ opened, settings, records, discovery, now })
  return {
    kind: "oidc",
    check: () => check(opened, issuer, records, fresh),
    endpoints: async () => endpointsOf(issuer, await fresh()),
    reject,
    project,
    // What this server drops is known once it was observed; before that nothing is claimed of it.
    shape: (desired) => shape(desired, manners),
    clientIdOf: ({ remoteId }) => remoteId,
    async tokenRequest(audience, scopes) {
      const { tokenEndpoint } = endpointsOf(issuer, await discovery())
      return {
        tokenEndpoint,
        issuer,
        parameters: {
          ...(parameter === "none" ? {} : { [parameter]: audience }),
          ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}),
        },
      }
    },
    learned: async () =>
      limits((await records.index()).manners).map(({ name, why }) => ({
        port: name === "rotate" || name === "update_secret" ? "secrets" : "write",
        cannot: why,
      })),
    write: writePort(records, registrar, fresh, now),
    secrets: secretsPort(records, registrar, now),
    introspection: introspection(opened, settings, discovery),
    events: { cannot: "There is no standard for reading a server's token log.", source: "RFC 7591, RFC 7592" },
    changes: {
      cannot: "A server does not tell who changed a registration.",
      source: "RFC 7592 section 2.1: a read answers the metadata alone",
    },
  }
}

function introspection(
  { fetch }: Opened,
  { client_id: id, client_secret: secret }: OidcSettings,
  discovery: () => Promise<Discovered>,
): IntrospectionPort | Cannot {
  if (id === undefined || secret === undefined)
    return {
      cannot:
        "Grantry has no client of its own here that may introspect. Set client_id and client_secret, or ask as a client.",
      source: "RFC 7662 section 2.1: the caller must be authorised",
    }
  return {
    introspect: async (token) =>
      await introspectAt(fetch, (await discovery()).introspection_endpoint, token, { client: { id, secret } }),
  }
}

function watched(
  records: ReturnType<typeof recordsOf>,
  seen: (manners: Manners) => void,
): ReturnType<typeof recordsOf> {
  const told = async (index: ReturnType<typeof records.index>) => {
    seen((await index).manners)
    return await index
  }
  return { ...records, index: () => told(records.index()), amendIndex: (change) => told(records.amendIndex(change)) }
}
