/** What Entra would refuse, and how our objects look in its terms. Pure. Sources: Graph v1.0, providers.md section 4. */
import { namesIn, scopesIn, textOf } from "../fields.ts"
import { splitGrantKey, type DesiredObject, type Note, type Projection, type Refusal, type Shaped } from "../objects.ts"
import { problem, refusalsOf, type Problem } from "../problems.ts"
import { ttlMax, ttlMin } from "./lifetime.ts"
import { tagValueMax } from "./names.ts"
import { plainDescription } from "./roles.ts"

const nameMax = 256
/** appRole: the value has at most 120 characters and does not begin with a full stop. */
const roleValueMax = 120
const roleDescriptionMax = 1_000
/** identifierUris: at most 255 characters. */
const identifierMax = Math.min(255, tagValueMax)

function audienceProblems({ key, fields }: DesiredObject): readonly Problem[] {
  return [
    ...problem(
      key.length === 0 || key.length > identifierMax,
      "identifier",
      `must have 1 to ${identifierMax} characters`,
    ),
    ...problem(textOf(fields.name).length > nameMax, "name", `must have at most ${nameMax} characters`),
    ...scopesIn(fields.scopes).flatMap(({ name, description }, i) => [
      ...problem(name.length > roleValueMax, `scopes.${i}.name`, `must have at most ${roleValueMax} characters`),
      ...problem(name.startsWith("."), `scopes.${i}.name`, "must not begin with a full stop"),
      ...problem(
        description.length > roleDescriptionMax,
        `scopes.${i}.description`,
        `must have at most ${roleDescriptionMax} characters`,
      ),
    ]),
  ]
}

function clientProblems({ fields }: DesiredObject): readonly Problem[] {
  return [
    ...problem(textOf(fields.display_name).length > nameMax, "display_name", `must have at most ${nameMax} characters`),
    ...problem(textOf(fields.owner).length > tagValueMax, "owner", `must have at most ${tagValueMax} characters`),
    ...problem(
      !["client_secret_basic", "client_secret_post"].includes(textOf(fields.auth_method)),
      "auth_method",
      "must be a client secret: Entra takes keys only inside X.509 certificates, which Grantry does not make",
    ),
  ]
}

function grantProblems({ key, fields }: DesiredObject, all: readonly DesiredObject[]): readonly Problem[] {
  const { audience } = splitGrantKey(key)
  const scopes = namesIn(fields.scopes)
  const owner = all.find((other) => other.kind === "audience" && other.key === audience)
  const known = new Set(scopesIn(owner?.fields.scopes).map(({ name }) => name))
  return [
    ...problem(scopes.length === 0, "scopes", "must hold at least one: a grant is one assignment for each scope"),
    ...scopes.flatMap((scope, i) =>
      problem(owner !== undefined && !known.has(scope), `scopes.${i}`, `${audience} has no scope ${scope}`),
    ),
  ]
}

export const reject = (desired: readonly DesiredObject[]): readonly Refusal[] =>
  refusalsOf(desired, {
    audience: audienceProblems,
    client: clientProblems,
    grant: (grant) => grantProblems(grant, desired),
  })

/**
 * Every token carries all roles that the client has on this API. With one scope there is nothing to choose, so that is
 * exact; with more, a client cannot ask for less than all.
 */
export function project({ fields }: DesiredObject): Projection {
  const count = namesIn(fields.scopes).length
  return count > 1
    ? {
        is: "widened",
        why: `Clients of Entra cannot ask for a subset: every token for this audience carries all ${count} granted scopes.`,
      }
    : { is: "exact", why: "One app role is assigned to the client's service principal, and tokens carry just that." }
}

/** Which URI Entra takes without a verified domain: one below the tenant's own id. */
export const ownUriOf = (tenantId: string): string => `api://${tenantId}/`

export function shape(desired: readonly DesiredObject[], tenantId: string): Shaped {
  const notes: Note[] = []
  const objects = desired.map((object): DesiredObject => {
    const note = (why: string) => notes.push({ kind: object.kind, key: object.key, why })
    if (object.kind === "audience") return shapeAudience(object, tenantId, note)
    return object.kind === "client" ? shapeClient(object, note) : object
  })
  return { objects, notes }
}

function shapeAudience({ kind, key, fields }: DesiredObject, tenantId: string, note: (why: string) => void) {
  const { name, scopes, token_ttl_seconds: ttl, token_format, signing_alg } = fields
  if (token_format === "opaque") note("Entra gives signed JWTs, never opaque tokens.")
  if (signing_alg !== undefined && signing_alg !== "RS256")
    note(`Entra signs with RS256, not with ${String(signing_alg)}.`)
  if (name === "") note("Entra wants a name; the identifier is used.")
  if (!key.startsWith("api://"))
    note(
      `Entra takes this identifier only where its domain is verified in the tenant, and else holds it as an address below ${ownUriOf(tenantId)}. In its tokens aud is the application's id either way.`,
    )
  const seconds = typeof ttl === "number" ? Math.min(Math.max(ttl, ttlMin), ttlMax) : ttl
  if (seconds !== ttl)
    note(`A token life of ${String(ttl)} s was changed to ${String(seconds)} s: Entra holds 10 minutes to 1 day.`)
  return {
    kind,
    key,
    fields: {
      ...(name === undefined ? {} : { name: name === "" ? key.slice(0, nameMax) : name }),
      ...(scopes === undefined
        ? {}
        : {
            scopes: scopesIn(scopes).map((scope) => ({
              name: scope.name,
              description: plainDescription(scope.name, scope.description),
            })),
          }),
      ...(seconds === undefined ? {} : { token_ttl_seconds: seconds }),
      // Not of the registry: what Grantry sets on an API that it makes (assignment required, tokens of version 2).
      settings_as_made: fields.settings_as_made ?? true,
    },
  }
}

function shapeClient({ kind, key, fields }: DesiredObject, note: (why: string) => void): DesiredObject {
  const { jwks, ...rest } = fields
  if (jwks !== undefined && jwks !== null) note("Entra takes keys only inside X.509 certificates; these are not sent.")
  if (fields.display_name !== "") return { kind, key, fields: rest }
  note("Entra wants a name; the client's own is used.")
  return { kind, key, fields: { ...rest, display_name: key } }
}
