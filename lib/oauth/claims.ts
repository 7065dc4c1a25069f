import { isRecord } from "./call.ts"

/**
 * The scopes of a token, wherever its provider puts them: `scope` as text or list, `scp` (Okta, Entra), `roles` (Entra
 * app roles), and objects `{rn, role}`, rendered `rn:role`. `{audience}/{scope}` counts as `{scope}` too where the
 * audience is one of ours: Cognito writes it so, and Grantry where a provider already has that word for another API.
 */
export function scopesOf(claims: Readonly<Record<string, unknown>>, audiences: readonly string[] = []): string[] {
  const found = new Set<string>()
  for (const name of ["scope", "scp", "roles"]) for (const scope of words(claims[name])) found.add(scope)
  for (const scope of [...found]) {
    const audience = audiences.find((one) => scope.startsWith(`${one}/`))
    if (audience !== undefined) found.add(scope.slice(audience.length + 1))
  }
  return [...found]
}

function words(value: unknown): string[] {
  if (typeof value === "string") return value.split(" ").filter((word) => word !== "")
  if (Array.isArray(value))
    return value.flatMap((one: unknown) =>
      isRecord(one) ? rendered(one) : typeof one === "string" && one !== "" ? [one] : [],
    )
  return isRecord(value) ? rendered(value) : []
}

function rendered({ rn, role }: Record<string, unknown>): string[] {
  return typeof rn === "string" && typeof role === "string" ? [`${rn}:${role}`] : []
}

/** Who calls: `azp`, else `client_id`, else `sub`. Undefined when the token names nobody. */
export function callerOf(claims: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ["azp", "client_id", "sub"]) {
    const value = claims[name]
    if (typeof value === "string" && value !== "") return value
  }
  return undefined
}

export function audiencesOf(claims: Readonly<Record<string, unknown>>): string[] {
  const { aud } = claims
  if (typeof aud === "string") return [aud]
  return Array.isArray(aud) ? aud.filter((one): one is string => typeof one === "string") : []
}

/** Compared as sets: a scope is there or it is not, never a part of another one. */
export const missingScopes = (required: readonly string[], present: readonly string[]): string[] =>
  required.filter((scope) => !present.includes(scope))
