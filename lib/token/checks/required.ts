import { fail, pass, skip, type ClaimsCheck } from "../check.ts"

/** RFC 9068 section 2.2. */
const rfc9068 = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]

/** Identifiers longer than this are no identifiers (OpenID Connect Core 1.0 section 2 allows `sub` 255). */
const identifierLengthMax = 1024

/** V22: each missing claim is named; identifiers that are there must be texts of sane length. */
export const required: ClaimsCheck = {
  name: "required_claims",
  title: "Required claims",
  source: "RFC 9068 section 2.2; RFC 7519 section 4.1",
  layer: "claims",
  run: ({ claims }, { profile }) => {
    const wrong = ["iss", "sub", "jti", "client_id", "azp"].filter(
      (name) => name in claims && !isIdentifier(claims[name]),
    )
    if (wrong.length > 0)
      return fail(`${wrong.join(", ")} must be a text of 1 to ${String(identifierLengthMax)} characters.`)
    if (profile === undefined) return skip("No profile is demanded of this token beyond exp.")
    const missing = rfc9068.filter((name) => !(name in claims))
    return missing.length > 0
      ? fail(`RFC 9068 asks for ${rfc9068.join(", ")}; missing: ${missing.join(", ")}.`)
      : pass(`All there: ${rfc9068.join(", ")}.`)
  },
}

const isIdentifier = (value: unknown): boolean =>
  typeof value === "string" && value.length >= 1 && value.length <= identifierLengthMax
