import { importJWK, jwtVerify } from "jose"
import type { FakeRequest } from "../base/server.ts"
import type { SigningKey } from "../base/signing.ts"
import { Refused } from "./law.ts"
import type { FakeApp, Tenant } from "./state.ts"

/** Who calls Graph, and with which application permissions. */
export interface Caller {
  readonly appId: string
  readonly roles: ReadonlySet<string>
}
export type Callers = (request: FakeRequest, anyOf: readonly string[]) => Promise<Caller>

export const graphResource = "https://graph.microsoft.com"

export const read = [
  "Application.Read.All",
  "Application.ReadWrite.All",
  "Application.ReadWrite.OwnedBy",
  "Directory.Read.All",
]
export const write = ["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"]

/** Checks a Graph token and that it has one of these permissions. Throws Refused 401 or 403. */
export function callers(tenant: Tenant, key: SigningKey): Callers {
  const keys = Promise.all(key.jwks.keys.map((jwk) => importJWK(jwk, "RS256")))
  return async (request, anyOf) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? ""
    const [verifying] = await keys
    const claims = await jwtVerify(token, verifying ?? new Uint8Array(), {
      currentDate: tenant.clock.now(),
      algorithms: ["RS256"],
      audience: graphResource,
    }).then(
      ({ payload }) => payload,
      () => null,
    )
    if (!claims)
      throw new Refused(401, "InvalidAuthenticationToken", "Access token is empty, expired or not for this API.")
    const roles = new Set(Array.isArray(claims.roles) ? claims.roles.map(String) : [])
    if (!anyOf.some((role) => roles.has(role)))
      throw new Refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    return { appId: String(claims.appid), roles }
  }
}

/** `OwnedBy` alone reaches what the caller itself has made. Throws Refused 403. */
export function mayChange({ appId, roles }: Caller, app: FakeApp): void {
  if (roles.has("Application.ReadWrite.All") || app.createdByAppId === appId) return
  throw new Refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}
