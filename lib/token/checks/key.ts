import { fail, pass, skip, warn, type JwsCheck } from "../check.ts"
import { quote } from "../keys.ts"

/** V7 to V10, V12 to V14, V20: the right key was found, and it may be trusted. */
export const key: JwsCheck = {
  name: "key",
  title: "Key found and sound",
  source: "RFC 7515 section 4.1.4; RFC 7517 section 4; RFC 8725 sections 3.4 and 3.5",
  layer: "jws",
  run: ({ selection }, { keys, keysProblem }) => {
    if (selection.is === "absent") return skip(keysProblem ?? selection.why)
    if (selection.is === "missing") return fail(selection.why)
    const { key: found, unsafe, warning } = selection
    const name = `${found.kty} key${found.kid === null ? "" : ` ${quote(found.kid)}`}`
    if (unsafe !== null) return fail(`The ${name} is unsafe: ${unsafe}.`)
    const warnings = [warning, ...(keys?.warnings ?? [])].filter((text) => text !== null)
    return warnings.length > 0
      ? warn(warnings.join(" "))
      : pass(`Found: ${name}, ${keys?.origin === "caller" ? "handed in for this check" : "published by the issuer"}.`)
  },
}
