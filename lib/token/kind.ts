import { isObject } from "../base/json.ts"
import type { Members } from "./decode.ts"

export type TokenKind = {
  readonly is: "access" | "id" | "refresh" | "logout" | "unknown"
  /** The sign by which it was told, for a person. */
  readonly why: string
}

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

/**
 * Tells access, ID, refresh and logout tokens apart by their own signs. A guess that helps a person and that can only
 * ever refuse a token (V21), never admit one. Signs of something else than an access token come first.
 */
export function tokenKind(header: Members, claims: Members | null): TokenKind {
  const type = typeof header["typ"] === "string" ? header["typ"].toLowerCase().replace(/^application\//, "") : null
  const own = claims ?? {}
  if (type === "logout+jwt") return { is: "logout", why: "its header says typ logout+jwt" }
  if (isObject(own["events"]) && logoutEvent in own["events"])
    return { is: "logout", why: "it carries the back-channel logout event" }
  switch (typeof own["typ"] === "string" ? own["typ"].toLowerCase() : null) {
    case "refresh":
    case "offline":
      return { is: "refresh", why: "its claim typ says so (Keycloak)" }
    case "id":
      return { is: "id", why: "its claim typ says ID (Keycloak)" }
    case "logout":
      return { is: "logout", why: "its claim typ says Logout (Keycloak)" }
  }
  if (own["token_use"] === "id") return { is: "id", why: "its claim token_use says id (Cognito)" }
  const sign = ["nonce", "at_hash", "c_hash", "s_hash"].find((name) => name in own)
  if (sign !== undefined) return { is: "id", why: `it carries ${sign}, which belongs to ID tokens` }
  if (type === "at+jwt") return { is: "access", why: "its header says typ at+jwt" }
  if (own["typ"] === "Bearer") return { is: "access", why: "its claim typ says Bearer (Keycloak)" }
  if (own["token_use"] === "access") return { is: "access", why: "its claim token_use says access (Cognito)" }
  const access = ["scope", "scp", "roles", "client_id", "cid", "appid"].find((name) => name in own)
  if (access !== undefined) return { is: "access", why: `it carries ${access}` }
  const audience = own["aud"]
  const only: unknown = Array.isArray(audience) && audience.length === 1 ? audience[0] : audience
  if (typeof only === "string" && only === own["azp"]) return { is: "id", why: "its audience is its client" }
  return { is: "unknown", why: "nothing in it says what it is for" }
}
