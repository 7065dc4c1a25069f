import type { Members } from "./decode.ts"

/** Who called: `azp`, else `client_id`, else Okta's `cid` or Entra's `appid`, else `sub`. Null when none is a string. */
export function callerOf(claims: Members): string | null {
  for (const name of ["azp", "client_id", "cid", "appid", "sub"]) {
    const value = claims[name]
    if (typeof value === "string" && value !== "") return value
  }
  return null
}
