import "server-only"
import { FetchRefused } from "../base/http.ts"
import type { Secret } from "../base/secret.ts"
import { spread } from "../base/spread.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { grantKey, splitGrantKey, type Fields } from "../connectors/objects.ts"
import { isPort, type Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { OAuthError } from "../oauth/errors.ts"
import { paced } from "../providers/pace.ts"
import { grantsOf } from "../providers/placed.ts"
import { canaryToken } from "../secrets/canary.ts"
import { heldSecret } from "../secrets/queries.ts"
import { needsSecret } from "../secrets/rules.ts"
import { placementApplied } from "./columns.ts"
import { scopeNames } from "./normal.ts"
import type { OutcomeWire } from "./schema.ts"
import { deviations, type Planned } from "./token-claims.ts"
import type { SyncWorld } from "./world.ts"

/** An apply of thousands of clients is not held up by their tokens: the first of them stand for the rest. */
const clientsMax = 50
const grantsMax = 5
const sideBySide = 4

type Outcome = Pick<OutcomeWire, "is" | "why">

/**
 * The canary after an apply: a token with the new state for each of the clients that the plan changed on this provider,
 * where Grantry holds a secret of it, compared with what was planned. Begins nothing after `untilMs` (epoch). Changes
 * nothing, so it may be asked again after a kill.
 */
export async function outcomes(
  clients: readonly string[],
  providerId: string,
  world: SyncWorld,
  untilMs: number,
): Promise<OutcomeWire[]> {
  const connector = await world.open(providerId)
  const found = await spread(clients.slice(0, clientsMax), sideBySide, (client) =>
    outcomeOf(client, providerId, connector, world, untilMs),
  )
  const rest: Outcome = { is: "not_tried", why: `Only the first ${clientsMax} clients of a plan are tried.` }
  return clients.map((client, at) => ({ provider_id: providerId, client, ...(found[at] ?? rest) }))
}

const notTried = (why: string): Outcome => ({ is: "not_tried", why })
const tooLate = "The provider took too long with the tokens before it."

async function outcomeOf(
  name: string,
  providerId: string,
  connector: Connector,
  world: SyncWorld,
  untilMs: number,
): Promise<Outcome> {
  if (Date.now() > untilMs) return notTried(tooLate)
  const client = await db().client.findUnique({
    where: { name },
    select: { id: true, authMethod: true, enabled: true },
  })
  const place = (kind: string, key: string) =>
    db().placement.findUnique({ where: { providerId_kind_key: { providerId, kind, key } } })
  const placed = await place("client", name)
  if (!client || !placed) return notTried("It is not there any more.")
  const { authMethod } = client
  if (!needsSecret(authMethod)) return notTried("It signs with its own keys, which Grantry does not hold.")
  if (!client.enabled) return notTried("It is disabled.")
  const secret = await heldSecret(client.id, providerId)
  if (!secret) return notTried("Grantry holds no secret of it: it was handed over, or there is none.")
  const grants = await db().placement.findMany({
    where: { providerId, ...grantsOf(name) },
    orderBy: { appliedAt: "desc" },
    take: grantsMax,
  })
  if (grants.length === 0) return notTried("It has no grant there, so no token can be asked for.")
  const wrong: string[] = []
  try {
    for (const grant of grants) {
      if (Date.now() > untilMs) return notTried(tooLate)
      const { audience } = splitGrantKey(grant.key)
      const held = await place("audience", audience)
      const planned = await plannedToken({
        clientId: connector.clientIdOf({ key: name, remoteId: placed.remoteId }),
        name,
        audience,
        grant: placementApplied(grant.applied),
        held: { ...placementApplied(placed.applied), ...(held ? placementApplied(held.applied) : {}) },
        onProvider: held !== null,
        connector,
      })
      const why = deviations(
        planned,
        await fetched(planned, audience, { authMethod, secret, providerId }, connector, world),
      )
      if (why.length > 0) wrong.push(`A token for ${audience}: ${why.join("; ")}.`)
    }
  } catch (error) {
    if (error instanceof OAuthError || error instanceof FetchRefused)
      return { is: "mismatch", why: `No token could be had with the new state: ${error.message} (${error.code})` }
    if (error instanceof ConnectorError)
      return notTried(`The provider did not tell how to ask for a token: ${error.message}`)
    throw error
  }
  const tokens = grants.length === 1 ? "A token" : `Tokens for ${grants.length} audiences`
  return wrong.length > 0
    ? { is: "mismatch", why: wrong.join(" ") }
    : { is: "pass", why: `${tokens} fetched with the new state ${grants.length === 1 ? "is" : "are"} as planned.` }
}

async function plannedToken(of: {
  clientId: string
  name: string
  audience: string
  grant: Fields
  held: Fields
  onProvider: boolean
  connector: Connector
}): Promise<Planned> {
  const { token_ttl_seconds: ttl, signing_alg: alg, token_format: format } = of.held
  const scopes = scopeNames(of.grant)
  const known = await db().scope.findMany({ where: { audience: { identifier: of.audience } }, select: { name: true } })
  const all = await db().grant.findMany({
    where: { client: { name: of.name } },
    select: { audience: { select: { identifier: true } } },
  })
  const grants = all.map(({ audience }) => ({
    kind: "grant" as const,
    key: grantKey(of.name, audience.identifier),
    fields: { scopes },
  }))
  const own = { kind: "grant" as const, key: grantKey(of.name, of.audience), fields: { scopes } }
  return {
    clientId: of.clientId,
    audience: of.onProvider ? of.audience : null,
    scopes,
    withheld: known.flatMap(({ name }) => (scopes.includes(name) ? [] : [name])),
    exact: of.connector.project(own, grants).is === "exact",
    lifetimeSeconds: typeof ttl === "number" ? ttl : null,
    alg: typeof alg === "string" ? alg : null,
    opaque: format === "opaque",
  }
}

async function fetched(
  { clientId, scopes, opaque }: Planned,
  audience: string,
  held: {
    readonly authMethod: "client_secret_basic" | "client_secret_post"
    readonly secret: Secret
    readonly providerId: string
  },
  connector: Connector,
  world: SyncWorld,
) {
  const request = await connector.tokenRequest(audience, scopes)
  const { token, expiresAtMs } = await canaryToken(
    { clientId, authMethod: held.authMethod, secret: held.secret, purpose: "canary", request },
    paced(held.providerId, world.fetch),
  )
  const { introspection } = connector
  return {
    token,
    expiresInSeconds: Math.round((expiresAtMs - Date.now()) / 1_000),
    introspected: opaque && isPort(introspection) ? await introspection.introspect(token) : null,
  }
}
