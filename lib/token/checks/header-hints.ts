import { pass, warn, type JwsCheck } from "../check.ts"

const hints = ["jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256"]

/** V15 and V16: shown, never used. Nothing is fetched and nothing is unpacked. */
export const headerHints: JwsCheck = {
  name: "header_hints",
  title: "Key hints in the header",
  source: "RFC 8725 section 3.10; RFC 7515 sections 4.1.2 to 4.1.8",
  layer: "jws",
  run: ({ header }) => {
    const found = hints.filter((name) => name in header)
    const packed = "zip" in header ? ["zip is ignored: a signed token is not unpacked."] : []
    if (found.length === 0 && packed.length === 0) return pass("The header brings no key and no address of one.")
    const ignored = found.length === 0 ? [] : [`${found.join(", ")} ignored: a token cannot name its own judge.`]
    return warn([...ignored, ...packed].join(" "))
  },
}
