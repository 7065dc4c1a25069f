import { fail, pass, warn, type ClaimsCheck } from "../check.ts"
import { quote } from "../keys.ts"

const named = {
  access: "an access token",
  id: "an ID token",
  refresh: "a refresh token",
  logout: "a logout token",
  unknown: "of unknown kind",
}

/** V21: no kind of token passes for another. */
export const type: ClaimsCheck = {
  name: "type",
  title: "The right kind of token",
  source: "RFC 9068 section 2.1; RFC 8725 sections 3.11 and 3.12",
  layer: "claims",
  run: ({ header, kind }, { use = "access", type: demanded }) => {
    const { typ } = header
    if (typ !== undefined && typeof typ !== "string") return fail("The header's typ is not a string.")
    if (kind.is !== use && kind.is !== "unknown")
      return fail(`This is ${named[kind.is]} (${kind.why}); expected ${named[use]}.`)
    const media = typ?.toLowerCase().replace(/^application\//, "")
    if (use === "logout")
      return media === "logout+jwt" ? pass("typ is logout+jwt.") : fail(`typ is ${shown(typ)}, expected logout+jwt.`)
    if (media === "at+jwt") {
      return use === "access"
        ? pass("typ is at+jwt, as RFC 9068 asks.")
        : fail(`typ is at+jwt; expected ${named[use]}.`)
    }
    if (demanded === "at+jwt") return fail(`typ is ${shown(typ)}, expected at+jwt: the audience asks for RFC 9068.`)
    if (media !== undefined && media !== "jwt") return fail(`typ is ${shown(typ)}, expected at+jwt or JWT.`)
    if (demanded === "jwt" || use === "id") return pass(`typ is ${shown(typ)}, as this provider writes it.`)
    return warn(`typ is ${shown(typ)}: the header does not say that this is ${named[use]}; RFC 9068 asks for at+jwt.`)
  },
}

const shown = (typ: string | undefined): string => (typ === undefined ? "absent" : quote(typ))
