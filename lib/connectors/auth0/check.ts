import { fail, pass, skipped, warn, attempt, checked } from "../checks.ts"
import { countKeys } from "../discovery.ts"
import type { GuardedFetch } from "../../base/http.ts"
import type { Check, Endpoints } from "../port.ts"
import type { Session } from "./api.ts"
import { privileges } from "./privileges.ts"

/** Tries what Grantry needs at the tenant, one named check each. Writes nothing. */
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
  const login = await attempt("login", () => session.scopes())
  if ("failed" in login) return [...open, login.failed, skipped("privileges"), skipped("logs")]
  const reading = await checked("read", async () => {
    await session.api(
      {
        step: "read clients",
        kind: "read",
        method: "GET",
        path: "/clients?take=1&fields=client_id&include_fields=true",
      },
      null,
    )
    return "The Management API answers and accepts our token."
  })
  return [
    ...open,
    pass("login", "The tenant gives us a token for its Management API."),
    reading,
    granted(login.value, "privileges", ["always", "to write", "for secrets", "optional"]),
    granted(login.value, "logs", ["for logs"]),
  ]
}

type Need = (typeof privileges)[number]["needed"]

/** What of these needs our token lacks. Without the right to read nothing works; without the rest, less does. */
function granted(scopes: ReadonlySet<string> | null, name: string, needs: readonly Need[]): Check {
  const asked = privileges.filter(({ needed }) => needs.includes(needed))
  if (scopes === null) return warn(name, "The tenant does not tell which scopes our token has.")
  const missing = asked.filter((one) => !scopes.has(one.name))
  if (missing.length === 0) return pass(name, `Our token has ${asked.map((one) => one.name).join(", ")}.`)
  const why = `Our token lacks ${missing.map((one) => one.name).join(", ")}.`
  return missing.some(({ needed }) => needed === "always") ? fail(name, why) : warn(name, why)
}
