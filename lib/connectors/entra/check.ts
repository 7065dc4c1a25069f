import type { GuardedFetch } from "../../base/http.ts"
import { attempt, checked, fail, pass, skipped, warn } from "../checks.ts"
import { countKeys } from "../discovery.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Check, Endpoints } from "../port.ts"
import { signInsBetween } from "./events.ts"
import type { Session } from "./graph.ts"
import { readPage } from "./list.ts"
import { alsoEnough, privileges } from "./privileges.ts"

/** Tries what Grantry needs in the tenant, one named check each. Writes nothing. */
export async function check(
  fetch: GuardedFetch,
  session: Session,
  endpoints: () => Promise<Endpoints>,
): Promise<readonly Check[]> {
  const known = await attempt("discovery", endpoints)
  const open = [
    "failed" in known ? known.failed : pass("discovery", "The discovery document names the configured tenant."),
    "failed" in known
      ? skipped("signing_keys")
      : await checked("signing_keys", async () => {
          const count = await countKeys(fetch, known.value.jwksUri)
          return `${count} signing key${count === 1 ? " is" : "s are"} published.`
        }),
  ]
  const login = await attempt("login", () => session.roles())
  if ("failed" in login) return [...open, login.failed, skipped("read"), skipped("permissions"), skipped("logs")]
  const read = (path: string) => readPage(session.graph, { step: "read applications", path })
  return [
    ...open,
    pass("login", "The tenant gives us a token for Microsoft Graph."),
    await checked("read", async () => {
      await read("/applications?$select=id&$top=1")
      await read("/servicePrincipals?$select=id&$top=1")
      return "Graph answers and lets us see applications."
    }),
    granted(login.value),
    await logs(session),
  ]
}

/** What our token lacks. Without the permission to read nothing works; without the rest, less does. */
function granted(roles: ReadonlySet<string> | null): Check {
  const name = "permissions"
  if (roles === null) return warn(name, "Our token does not tell which permissions it has.")
  const asked = privileges.filter(({ needed }) => needed !== "for logs")
  const missing = asked.filter((one) => ![one.name, ...(alsoEnough[one.name] ?? [])].some((role) => roles.has(role)))
  if (missing.length === 0) return pass(name, `Our token has ${asked.map((one) => one.name).join(", ")}.`)
  const why = `Our token lacks ${missing.map((one) => `${one.name} (${one.gives})`).join("; ")}.`
  return missing.some(({ needed }) => needed === "always") ? fail(name, why) : warn(name, why)
}

/** v1.0 first; the beta address is told, since Microsoft may change it. */
async function logs(session: Session): Promise<Check> {
  const name = "logs"
  const ask = (version: "v1.0" | "beta") =>
    readPage(session.graph, { step: "read sign-ins", version, path: signInsBetween(new Date()) })
  try {
    await ask("v1.0")
    return pass(name, "Sign-ins of services can be read.")
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    if (error.code === "forbidden") return lacking(name)
    if (error.code !== "invalid") return fail(name, error.message)
  }
  try {
    await ask("beta")
    return pass(name, "Sign-ins of services can be read, from Graph's beta address: v1.0 has no filter for them.")
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return error.code === "forbidden" ? lacking(name) : fail(name, error.message)
  }
}

const lacking = (name: string): Check =>
  warn(
    name,
    "Sign-ins may not be read: AuditLog.Read.All is missing (older tenants want Directory.Read.All too), or the tenant has no P1 or P2 licence.",
  )
