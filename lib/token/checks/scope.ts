import { fail, pass, skip, warn, type ClaimsCheck, type Finding, type Grant } from "../check.ts"
import { scopesOf } from "../scopes.ts"

/** V23: as a set, against what the called resource needs and what the registry grants. */
export const scope: ClaimsCheck = {
  name: "scope",
  title: "Scopes",
  source: "RFC 6749 section 3.3; RFC 9068 sections 2.2.3 and 4",
  layer: "claims",
  run: ({ claims }, { requiredScopes, grant, introspection, scopePrefixes = [] }) => {
    const { scopes: written, from, problem } = scopesOf(claims, introspection?.scope)
    if (problem !== null) return fail(`Not readable: ${problem}.`)
    const scopes = new Set([...written].map((name) => bare(name, scopePrefixes)))
    const has = from.length === 0 ? "The token carries no scope" : `${from.join(" and ")} holds ${words([...scopes])}`
    const missing = requiredScopes?.filter((needed) => !scopes.has(needed)) ?? []
    if (missing.length > 0) return fail(`Insufficient scope: ${words(missing)} missing; ${has}.`)
    if (grant !== undefined) return againstGrant([...scopes], grant, has)
    if (requiredScopes !== undefined) return pass(`${has}; needed: ${words(requiredScopes)}.`)
    return skip(`${has}; neither a need nor a grant of the registry to compare with.`)
  },
}

function bare(name: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((text) => name.startsWith(text) && name.length > text.length)
  return prefix === undefined ? name : name.slice(prefix.length)
}

function againstGrant(scopes: readonly string[], grant: Grant | null, has: string): Finding {
  if (grant === null) return fail(`The registry grants this client nothing on this audience; ${has}.`)
  const beyond = scopes.filter((name) => !grant.scopes.includes(name))
  const widened = grant.widened?.filter((one) => beyond.includes(one.scope)) ?? []
  const ungranted = beyond.filter(
    (name) => grant.audienceScopes.includes(name) && !widened.some((one) => one.scope === name),
  )
  if (ungranted.length > 0)
    return fail(`${words(ungranted)} not granted in the registry; granted: ${words(grant.scopes)}.`)
  if (widened.length > 0)
    return warn(widened.map((one) => `${one.scope} is more than was granted: ${one.why}`).join(" "))
  if (beyond.length > 0)
    return warn(`${words(beyond)}: no scope of this audience in the registry; granted: ${words(grant.scopes)}.`)
  return pass(`${has}; granted: ${words(grant.scopes)}.`)
}

/** At most eight, so that a sentence stays one. */
const words = (names: readonly string[]): string =>
  names.length === 0
    ? "none"
    : names.slice(0, 8).join(", ") + (names.length > 8 ? ` and ${String(names.length - 8)} more` : "")
