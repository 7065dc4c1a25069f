/** Who calls the admin API, and what its roles let it see and do: resolved at each call, as the real server does. */
import { importJWK, jwtVerify } from "jose"
import type { Clock } from "../base/clock.ts"
import type { FakeAnswer, FakeRequest, Route } from "../base/server.ts"
import type { SigningKey } from "../base/signing.ts"
import { clientNamed, refusal, serviceAccount, type FakeRealm, type Realms } from "./state.ts"

/** A role is had by itself or by one that includes it. */
const includedIn: Readonly<Record<string, readonly string[]>> = {
  "query-clients": ["view-clients", "manage-clients"],
  "view-clients": ["manage-clients"],
  "view-events": ["manage-events"],
  "view-realm": ["manage-realm"],
}

export interface Caller {
  /** An administrator of master may do everything. */
  readonly may: (role: string) => boolean
  readonly authDetails: { readonly realmId: string; readonly clientId: string; readonly userId: string }
}

export interface AdminRequest extends FakeRequest {
  readonly realm: FakeRealm
  readonly caller: Caller
}

export interface AdminServer {
  readonly realms: Realms
  readonly clock: Clock
  /** The feature client-secret-rotation. */
  readonly rotates: boolean
  caller(request: FakeRequest): Promise<Caller | null>
}

export function adminServer(realms: Realms, clock: Clock, key: SigningKey, rotates: boolean): AdminServer {
  const keys = Promise.all(key.jwks.keys.map((jwk) => importJWK(jwk, "RS256")))
  return {
    realms,
    clock,
    rotates,
    async caller(request) {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1]
      const [verifying] = await keys
      if (token === undefined || verifying === undefined) return null
      const claims = await jwtVerify(token, verifying, { currentDate: clock.now() }).then(
        ({ payload }) => payload,
        () => null,
      )
      const realm = realms.get(decodeURIComponent(String(claims?.iss ?? "").split("/realms/")[1] ?? ""))
      const client = realm && clientNamed(realm, String(claims?.azp))
      const user = realm && client && serviceAccount(realm, client)
      if (!realm || !client || !user) return null
      const has = (role: string) =>
        realm.name === "master" || user.roles.has(role) || (includedIn[role] ?? []).some((by) => user.roles.has(by))
      return { may: has, authDetails: { realmId: realm.id, clientId: client.id, userId: user.id } }
    },
  }
}

/** A route below `/admin/realms/:realm` for callers with one of these roles; none: any caller with a role of the realm. */
export const adminRoute =
  (server: AdminServer) =>
  (
    method: string,
    path: string,
    anyOf: readonly string[],
    run: (request: AdminRequest) => FakeAnswer | Promise<FakeAnswer>,
  ): Route => ({
    method,
    path: `/admin/realms/:realm${path}`,
    async run(request) {
      const caller = await server.caller(request)
      if (!caller) return refusal(401, "HTTP 401 Unauthorized")
      const realm = server.realms.get(request.params.realm ?? "")
      if (!realm) return refusal(404, "Realm not found.")
      if (anyOf.length > 0 && !anyOf.some(caller.may)) return refusal(403, "HTTP 403 Forbidden")
      return await run({ ...request, realm, caller })
    },
  })

export type RouteOf = ReturnType<typeof adminRoute>
