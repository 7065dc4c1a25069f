import { fail, pass, skip, warn, type AudienceRule, type ClaimsCheck, type Finding } from "../check.ts"
import { quote } from "../keys.ts"
import { nearMiss } from "../near-miss.ts"
import { scopesOf } from "../scopes.ts"

/** V19. */
export const audience: ClaimsCheck = {
  name: "audience",
  title: "Audience",
  source: "RFC 7519 section 4.1.3; RFC 8725 section 3.9; RFC 9068 section 4",
  layer: "claims",
  run: ({ claims }, { audience: rule }) => {
    const found = read(claims["aud"])
    if (found === null) return fail("aud is neither a string nor a list of strings.")
    if (rule === undefined)
      return skip(
        `No expected audience is known, so ${found.length === 0 ? "its absence" : list(found)} was not compared.`,
      )
    return rule.mode === "exact" ? exact(found, rule) : byScopePrefix([...scopesOf(claims).scopes], rule.identifiers)
  },
}

function read(aud: unknown): string[] | null {
  if (aud === undefined) return []
  if (typeof aud === "string") return [aud]
  return Array.isArray(aud) && aud.every((item) => typeof item === "string") ? aud : null
}

function exact(
  found: readonly string[],
  { identifiers, known = [] }: Extract<AudienceRule, { mode: "exact" }>,
): Finding {
  const expected = identifiers.length === 0 ? "an audience that the registry knows" : list(identifiers)
  if (found.length === 0) return fail(`The token names no audience, expected ${expected}.`)
  const match = found.find((item) => identifiers.includes(item))
  if (match === undefined) {
    const hint = found
      .flatMap((item) => identifiers.map((other) => nearMiss(item, other)))
      .find((text) => text !== null)
    return fail(`Meant for ${list(found)}, expected ${expected}.${hint === undefined ? "" : ` ${hint}`}`)
  }
  const strange = found.filter((item) => !identifiers.includes(item) && !known.includes(item))
  if (strange.length > 0)
    return warn(
      `Meant for ${quote(match)}, as expected, and also for ${list(strange)}, which the registry does not know.`,
    )
  return pass(`Meant for ${quote(match)}, as expected.`)
}

/** Amazon Cognito, "Scopes, M2M, and resource servers": a custom scope is `{resource server}/{scope}`, and there is no aud. */
function byScopePrefix(scopes: readonly string[], identifiers: readonly string[]): Finding {
  const match = identifiers.find((identifier) => scopes.some((scope) => scope.startsWith(`${identifier}/`)))
  return match === undefined
    ? fail(`This provider writes no aud; no scope begins with the expected ${list(identifiers)}.`)
    : pass(`This provider writes no aud; its scopes begin with ${quote(`${match}/`)}, as expected.`)
}

/** At most five, so that a sentence stays one. */
const list = (items: readonly string[]): string =>
  items.slice(0, 5).map(quote).join(", ") + (items.length > 5 ? ` and ${String(items.length - 5)} more` : "")
