import type { GuardedFetch } from "../../base/http.ts"
import { attempt, checked, fail, pass, skipped, warn } from "../checks.ts"
import { countKeys } from "../discovery.ts"
import type { Privilege } from "../kind.ts"
import type { Check, Endpoints } from "../port.ts"
import type { Session } from "./api.ts"
import type { Audiences } from "./audiences.ts"
import type { Grants } from "./grants.ts"
import { privileges } from "./privileges.ts"

interface Checked {
  readonly fetch: GuardedFetch
  readonly session: Session
  readonly audiences: Audiences
  readonly grants: Grants
  readonly endpoints: () => Promise<Endpoints>
}

const later = ["read", "api_access_management", "privileges", "logs", "policies"]

/** Tries what Grantry needs at the org, one named check each. Writes nothing, and lists no secrets. */
export async function check({ fetch, session, audiences, grants, endpoints }: Checked): Promise<readonly Check[]> {
  const known = await attempt("discovery", endpoints)
  const open = [
    "failed" in known ? known.failed : pass("discovery", `The discovery document names ${known.value.issuer}.`),
    "failed" in known
      ? skipped("signing_keys")
      : await checked("signing_keys", async () => {
          const count = await countKeys(fetch, known.value.jwksUri)
          return `${count} signing key${count === 1 ? " is" : "s are"} published.`
        }),
  ]
  const login = await attempt("login", () => session.scopes())
  if ("failed" in login) return [...open, login.failed, ...later.map(skipped)]
  const reading = await checked("read", async () => {
    await session.api({ step: "read apps", kind: "read", method: "GET", path: "/api/v1/apps?limit=1" }, null)
    return "The Management API answers, and lets us see apps."
  })
  const servers = await attempt("api_access_management", () => audiences.all())
  return [
    ...open,
    pass("login", login.value === null ? "An API token is set." : "The org gives us a token for its Management API."),
    reading,
    "failed" in servers
      ? servers.failed
      : pass("api_access_management", "Custom authorization servers can be read here."),
    granted(login.value, "privileges", ["always", "to write"]),
    granted(login.value, "logs", ["for logs"]),
    "failed" in servers ? skipped("policies") : await undisturbed(grants, servers.value),
  ]
}

async function undisturbed(grants: Grants, servers: Parameters<Grants["shadows"]>[0]): Promise<Check> {
  const told = await attempt("policies", () => grants.shadows(servers))
  if ("failed" in told) return told.failed
  return told.value.length === 0
    ? pass("policies", "No foreign policy decides over a client of ours.")
    : warn("policies", told.value.join(" "))
}

/** What of these needs our token lacks. Without the right to read nothing works; without the rest, less does. */
function granted(scopes: ReadonlySet<string> | null, name: string, needs: readonly Privilege["needed"][]): Check {
  const asked = privileges.filter(({ needed }) => needs.includes(needed))
  if (scopes === null)
    return pass(name, "An API token has the rights of the person who made it; Okta tells no list of them.")
  const missing = asked.filter((one) => !scopes.has(one.name))
  if (missing.length === 0) return pass(name, `Our token has ${asked.map((one) => one.name).join(", ")}.`)
  const why = `Our token lacks ${missing.map((one) => one.name).join(", ")}: a Super Admin grants it to the app.`
  return missing.some(({ needed }) => needed === "always") ? fail(name, why) : warn(name, why)
}
