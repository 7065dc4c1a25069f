/** What the tests of the registry's commands begin with: objects that nobody else has, and how a refusal is read. */
import { Invalid, Refused } from "../base/errors.ts"
import { parseInput } from "../base/parse.ts"
import { createAudience } from "./audiences/commands.ts"
import { createClient } from "./clients/commands.ts"
import { createGrant } from "./grants/commands.ts"
import { person } from "./registry.fixture.ts"
import { audienceInput, clientInput, grantInput } from "./schema.ts"

export const ada = person("operator")
let serial = 0
/** Registered by `ada`, with a name of its own. */
export const newClient = (more: Record<string, unknown> = {}) =>
  createClient(
    ada,
    parseInput(clientInput, {
      name: `client-${++serial}`,
      display_name: "A client",
      owner: "team-a",
      auth_method: "client_secret_basic",
      ...more,
    }),
  )
export const newAudience = (more: Record<string, unknown> = {}) =>
  createAudience(
    ada,
    parseInput(audienceInput, {
      identifier: `https://api-${++serial}.example`,
      name: "An API",
      token_ttl_seconds: 300,
      token_format: "jwt",
      signing_alg: "RS256",
      scopes: [{ name: "a:read" }, { name: "a:write", description: "Write" }],
      ...more,
    }),
  )
export const newGrant = (client: string, audience: string, more: Record<string, unknown> = {}) =>
  createGrant(
    ada,
    parseInput(grantInput, { client, audience, scopes: ["a:read"], reason: "orders are charged", ...more }),
  )

/** What a command refuses with; an error where it does not. */
export const refusal = async (run: Promise<unknown>): Promise<Refused> => {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  )
  if (!(error instanceof Refused)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error
}
/** The unusable fields that it names, each with its code. */
export const fieldsOf = (error: Refused) =>
  error instanceof Invalid ? error.errors.map((e) => `${e.path} ${e.code}`) : []
