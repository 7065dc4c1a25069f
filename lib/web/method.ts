import { Refused } from "../base/errors.ts"
import { addresses } from "./addresses.ts"
import { refusal } from "./refusal.ts"

interface Address {
  readonly path: RegExp
  readonly methods: readonly string[]
}

/** HEAD comes with GET and OPTIONS with everything: Next answers both. */
const withImplied = (methods: string): readonly string[] => {
  const written = methods.split(" ")
  return [...written, ...(written.includes("GET") ? ["HEAD"] : []), "OPTIONS"]
}
const fixed = new Map<string, readonly string[]>()
const variable: Address[] = []
for (const [path, methods] of addresses) {
  if (!path.includes("[")) fixed.set(path, withImplied(methods))
  else {
    const pattern = path
      .replaceAll(".", "\\.")
      .replace(/\[\\\.\\\.\\\.\w+\]/g, ".+")
      .replace(/\[\w+\]/g, "[^/]+")
    variable.push({ path: new RegExp(`^${pattern}$`), methods: withImplied(methods) })
  }
}

/**
 * The answer to a method that an address does not have: 405 with `Allow` (RFC 9110 section 15.5.6), as a problem like every
 * other refusal. Null where the method is one of its own, or nothing is at this address.
 */
export function refuseMethod(pathname: string, method: string): Response | null {
  const allowed = fixed.get(pathname) ?? variable.find(({ path }) => path.test(pathname))?.methods
  if (allowed === undefined || allowed.includes(method)) return null
  const list = allowed.join(", ")
  const answer = refusal(
    new Refused("method_not_allowed", `This address takes ${list}.`, { status: 405, evidence: { allow: allowed } }),
    crypto.randomUUID(),
  )
  answer.headers.set("allow", list)
  return answer
}
