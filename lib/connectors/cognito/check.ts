import { z } from "zod"
import { minuteMs } from "../../base/time.ts"
import type { GuardedFetch } from "../../base/http.ts"
import { attempt, checked, fail, pass, skipped, warn } from "../checks.ts"
import { countKeys } from "../discovery.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Check, Endpoints } from "../port.ts"
import type { Api } from "./api.ts"
import { lookup } from "./trail.ts"
import { poolAnswer } from "./shapes.ts"

/** No client has this id: AWS makes them of twenty-six lower-case letters and digits. */
const nobody = "GrantryAsksWhetherItMay"
const anything = z.looseObject({})

interface Tried {
  readonly right: string
  readonly needed: "always" | "for secrets" | "to write"
  readonly input: Readonly<Record<string, unknown>>
}

/**
 * Rights are told by trying: reads for real, changes on what is not there, so that "not found" is a yes and nothing is
 * touched. Making something cannot be tried without making it.
 */
const tries: readonly Tried[] = [
  { right: "ListUserPoolClients", needed: "always", input: { MaxResults: 1 } },
  { right: "DescribeUserPoolClient", needed: "always", input: { ClientId: nobody } },
  { right: "ListResourceServers", needed: "always", input: { MaxResults: 1 } },
  { right: "DescribeResourceServer", needed: "always", input: { Identifier: nobody } },
  { right: "ListUserPoolClientSecrets", needed: "for secrets", input: { ClientId: nobody } },
  { right: "DeleteUserPoolClientSecret", needed: "for secrets", input: { ClientId: nobody, ClientSecretId: nobody } },
  { right: "AddUserPoolClientSecret", needed: "for secrets", input: { ClientId: nobody } },
  { right: "UpdateUserPoolClient", needed: "to write", input: { ClientId: nobody } },
  { right: "DeleteUserPoolClient", needed: "to write", input: { ClientId: nobody } },
  { right: "UpdateResourceServer", needed: "to write", input: { Identifier: nobody, Name: nobody } },
  { right: "DeleteResourceServer", needed: "to write", input: { Identifier: nobody } },
]

/** Tries what Grantry needs at the pool, one named check each. Changes nothing. */
export async function check(
  fetch: GuardedFetch,
  api: Api,
  endpoints: () => Promise<Endpoints>,
): Promise<readonly Check[]> {
  const login = await attempt("login", () =>
    api({ step: "log in", kind: "read", operation: "DescribeUserPool" }, poolAnswer),
  )
  const known = await attempt("discovery", endpoints)
  const open = [
    "failed" in known ? known.failed : pass("discovery", "The discovery document names the configured pool."),
    "failed" in known
      ? skipped("signing_keys")
      : await checked("signing_keys", async () => {
          const count = await countKeys(fetch, known.value.jwksUri)
          return `${count} signing key${count === 1 ? " is" : "s are"} published.`
        }),
  ]
  if ("failed" in login) return [login.failed, ...open, skipped("domain"), skipped("privileges"), skipped("logs")]
  const { Domain, CustomDomain } = login.value.UserPool
  const domain = CustomDomain ?? Domain
  return [
    pass("login", "AWS takes our signature and shows us the pool."),
    ...open,
    domain === null
      ? fail("domain", "The pool has no domain, so it has no token endpoint and issues no tokens to services.")
      : pass("domain", `Tokens come from the pool's domain ${domain}.`),
    await privileged(api),
    await logs(api),
  ]
}

async function privileged(api: Api): Promise<Check> {
  const refused: Tried[] = []
  for (const one of tries) {
    try {
      await api({ step: `try ${one.right}`, kind: "read", operation: one.right, input: one.input }, anything)
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      if (error.code === "forbidden") refused.push(one)
      else if (error.code !== "not_found" && error.code !== "invalid") return fail("privileges", error.message)
    }
  }
  if (refused.length === 0)
    return pass("privileges", "Every right was tried, but for CreateUserPoolClient and CreateResourceServer.")
  const why = `We lack ${refused.map(({ right }) => `cognito-idp:${right}`).join(", ")}.`
  return refused.some(({ needed }) => needed === "always") ? fail("privileges", why) : warn("privileges", why)
}

async function logs(api: Api): Promise<Check> {
  const to = new Date()
  const from = new Date(to.getTime() - minuteMs)
  const tried = await attempt("logs", () => lookup(api, { eventName: "Token_POST", from, to, next: null }))
  if (!("failed" in tried)) return pass("logs", "CloudTrail answers.")
  return warn("logs", `Token events need cloudtrail:LookupEvents. ${tried.failed.why}`)
}
