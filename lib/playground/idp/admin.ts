/** The admin API's routes: a small, honest remote API over the store, which the `local` connector drives. */
import { z } from "zod"
import { conflict, invalid, notFound } from "../../base/errors.ts"
import {
  at,
  change,
  clientName,
  get,
  idOf,
  limitOf,
  parse,
  required,
  shown,
  type AdminParts,
  type AdminRoute,
} from "./admin-route.ts"
import { createAudience, deleteAudience, findAudience, updateAudience } from "./audiences.ts"
import { changesSince, listChanges } from "./changes.ts"
import { createClient, deleteClient, findClient, updateClient } from "./clients.ts"
import { createGrant, deleteGrant, findGrant, findGrantByEnds, updateGrant } from "./grants.ts"
import { listKeys, promoteKey, publishKey, retireKey } from "./keys.ts"
import { outboxState } from "./outbox.ts"
import { addSecret, listSecrets, liveSecretsMax, retireSecret } from "./secrets.ts"
import {
  audienceCreate,
  audiencePatch,
  clientCreate,
  clientPatch,
  grantCreate,
  grantPatch,
  initialAccessToken,
  introspect,
  keyCreate,
  keyRetire,
  secretCreate,
  signingAlgs,
} from "./shapes.ts"
import { readState } from "./state.ts"
import { judgeJwt } from "./structured.ts"

export const adminRoutes: readonly AdminRoute[] = [
  get("/info", async ({ pool, issuer }, { may }) => ({
    status: 200,
    body: {
      name: "Grantry local identity provider",
      api: 1,
      issuer,
      may,
      time: new Date(),
      signing_algs: signingAlgs,
      live_secrets_max: liveSecretsMax,
      outbox: await outboxState(pool),
    },
  })),
  get("/state", async ({ pool }, { query }) => ({
    status: 200,
    body: await readState(pool, query.get("cursor"), limitOf(query)),
  })),
  get("/changes", async ({ pool }, { query }) => {
    const since = query.get("since")
    if (since !== null) {
      const at = z.iso.datetime().safeParse(since)
      if (!at.success) throw invalid("since", "not_a_time", "must be a time in UTC")
      return { status: 200, body: { items: await changesSince(pool, new Date(at.data), limitOf(query)) } }
    }
    const after = z.coerce
      .number()
      .int()
      .nonnegative()
      .safeParse(query.get("after") ?? 0)
    if (!after.success) throw invalid("after", "not_a_number", "must be a sequence number")
    return { status: 200, body: { items: await listChanges(pool, after.data, limitOf(query)) } }
  }),

  get("/clients", async ({ pool }, { query }) => {
    const found = await findClient(pool, "client_id", required(query, "client_id"))
    return { status: 200, body: { items: found ? [found] : [] } }
  }),
  change("POST", "/clients", async ({ pool }, { body, actor }) =>
    shown(201, await createClient(pool, actor, parse(clientCreate, body))),
  ),
  get("/clients/:x", async ({ pool }, request) => {
    const found = await findClient(pool, "id", idOf(request, "client"))
    if (!found) throw notFound("client", request.params[0] ?? "")
    return shown(200, found)
  }),
  change("PATCH", "/clients/:x", async ({ pool }, request) =>
    shown(
      200,
      await updateClient(
        pool,
        request.actor,
        idOf(request, "client"),
        parse(clientPatch, request.body),
        request.ifMatch,
      ),
    ),
  ),
  change("DELETE", "/clients/:x", async ({ pool }, request) => {
    await deleteClient(pool, request.actor, idOf(request, "client"), request.ifMatch)
    return { status: 204 }
  }),

  get("/clients/:x/secrets", async (parts, request) => ({
    status: 200,
    body: { items: await listSecrets(parts.pool, await clientName(parts, request), request.query.get("all") === "1") },
  })),
  change("POST", "/clients/:x/secrets", async (parts, request) => {
    const { secret, value, created } = await addSecret(
      parts.pool,
      request.actor,
      await clientName(parts, request),
      parse(secretCreate, request.body),
    )
    return { status: created ? 201 : 200, body: { ...secret, ...(value === null ? {} : { value }) } }
  }),
  change("DELETE", "/clients/:x/secrets/:x", async (parts, request) => {
    await retireSecret(parts.pool, request.actor, await clientName(parts, request), idOf(request, "secret", 1))
    return { status: 204 }
  }),

  get("/audiences", async ({ pool }, { query }) => {
    const found = await findAudience(pool, "identifier", required(query, "identifier"))
    return { status: 200, body: { items: found ? [found] : [] } }
  }),
  change("POST", "/audiences", async ({ pool, changed }, { body, actor }) => {
    const made = await createAudience(pool, actor, parse(audienceCreate, body))
    changed()
    return shown(201, made)
  }),
  get("/audiences/:x", async ({ pool }, request) => {
    const found = await findAudience(pool, "id", idOf(request, "audience"))
    if (!found) throw notFound("audience", request.params[0] ?? "")
    return shown(200, found)
  }),
  change("PATCH", "/audiences/:x", async ({ pool, changed }, request) => {
    const next = await updateAudience(
      pool,
      request.actor,
      idOf(request, "audience"),
      parse(audiencePatch, request.body),
      request.ifMatch,
    )
    changed()
    return shown(200, next)
  }),
  change("DELETE", "/audiences/:x", async ({ pool, changed }, request) => {
    await deleteAudience(pool, request.actor, idOf(request, "audience"), request.ifMatch)
    changed()
    return { status: 204 }
  }),

  get("/grants", async ({ pool }, { query }) => {
    const found = await findGrantByEnds(pool, required(query, "client_id"), required(query, "audience"))
    return { status: 200, body: { items: found ? [found] : [] } }
  }),
  change("POST", "/grants", async ({ pool }, { body, actor }) =>
    shown(201, await createGrant(pool, actor, parse(grantCreate, body))),
  ),
  get("/grants/:x", async ({ pool }, request) => {
    const found = await findGrant(pool, idOf(request, "grant"))
    if (!found) throw notFound("grant", request.params[0] ?? "")
    return shown(200, found)
  }),
  change("PATCH", "/grants/:x", async ({ pool }, request) =>
    shown(
      200,
      await updateGrant(pool, request.actor, idOf(request, "grant"), parse(grantPatch, request.body), request.ifMatch),
    ),
  ),
  change("DELETE", "/grants/:x", async ({ pool }, request) => {
    await deleteGrant(pool, request.actor, idOf(request, "grant"), request.ifMatch)
    return { status: 204 }
  }),

  get("/keys", async ({ pool }) => ({ status: 200, body: { items: await listKeys(pool) } })),
  change("POST", "/keys", async ({ pool, kek, changed }, { body, actor }) => {
    const made = await publishKey(pool, kek, actor, parse(keyCreate, body).alg)
    changed()
    return { status: 201, body: made }
  }),
  change("POST", "/keys/:x/promote", async ({ pool, changed }, { params, actor }) => {
    const key = await promoteKey(pool, actor, params[0] ?? "")
    changed()
    return { status: 200, body: key }
  }),
  change("POST", "/keys/:x/retire", async ({ pool, changed }, { params, body, actor }) => {
    const key = await retireKey(pool, actor, params[0] ?? "", parse(keyRetire, body).force, new Date())
    changed()
    return { status: 200, body: key }
  }),

  change("POST", "/initial-access-tokens", async ({ provider }, { body }) => {
    const { expires_in } = parse(initialAccessToken, body)
    const { InitialAccessToken } = await provider()
    return { status: 201, body: { value: await new InitialAccessToken({ expiresIn: expires_in }).save(), expires_in } }
  }),
  // Grantry itself introspects here: the admin API knows every token, and no client is needed for it.
  {
    method: "POST",
    path: at("/introspect"),
    writes: false,
    run: async (parts, { body }) => ({ status: 200, body: await introspectAny(parts, parse(introspect, body).token) }),
  },
]

async function introspectAny({ pool, issuer, provider }: AdminParts, token: string): Promise<unknown> {
  if (token.split(".").length === 3) {
    const { not, claims } = await judgeJwt(pool, issuer, token)
    return not === null ? { active: true, token_type: "Bearer", ...claims } : { active: false, why: not }
  }
  const found = await (await provider()).ClientCredentials.find(token)
  if (!found?.isValid) return { active: false, why: "unknown" }
  return {
    active: true,
    token_type: "Bearer",
    client_id: found.clientId,
    aud: found.aud,
    scope: found.scope,
    iat: found.iat,
    exp: found.exp,
    iss: issuer,
  }
}

/** The route for a path, or why there is none. */
export function findRoute(method: string, path: string): { route: AdminRoute; params: readonly string[] } {
  const here = adminRoutes.filter((route) => route.path.test(path))
  if (here.length === 0) throw notFound("path", path)
  const route = here.find((one) => one.method === method)
  if (!route) throw conflict("method_not_allowed", `${method} is not possible here.`)
  return { route, params: (route.path.exec(path) ?? []).slice(1).map(decodeURIComponent) }
}
