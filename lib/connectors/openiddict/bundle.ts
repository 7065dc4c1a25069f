/** The bundle: OpenIddict's descriptors as JSON (docs/openiddict-bundle.md). What we do not own in an entry is kept as it is. */
import { z } from "zod"
import type { Json } from "../../base/json.ts"

export const bundleFormat = "grantry.openiddict/1"

const json = z.json().transform((value): Json => value)
const words = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? [])
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "")
const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {})
const objects = z
  .record(z.string(), json)
  .nullish()
  .transform((value) => value ?? {})

/** Names and descriptions by language, as OpenIddict has them beside the plain one. Nobody here writes them, and nobody loses them. */
const named = { displayName: text, displayNames: texts }

export const application = z.looseObject({
  clientId: z.string().min(1),
  clientType: z.string().nullish(),
  ...named,
  jsonWebKeySet: json.nullish().transform((value) => value ?? null),
  permissions: words,
  /** The resources that it may ask for; permissions of their own from OpenIddict 7. */
  resources: words,
  settings: texts,
  properties: objects,
})
export type Application = z.output<typeof application>

export const scope = z.looseObject({
  name: z.string().min(1),
  ...named,
  description: text,
  descriptions: texts,
  resources: words,
  properties: objects,
})
export type Scope = z.output<typeof scope>

export const resource = z.looseObject({
  identifier: z.string().min(1),
  ...named,
  /** Whether its tokens are references (opaque) or JWTs. The whole server has one mode; the host decides what to do with it. */
  tokenFormat: z.string().nullish(),
  properties: objects,
})
export type Resource = z.output<typeof resource>

const list = <T extends z.ZodType>(of: T) =>
  z
    .array(of)
    .nullish()
    .transform((items) => items ?? [])

/** What the host holds. It never tells a secret. */
export const state = z.looseObject({
  format: z.literal(bundleFormat),
  /** Changes with every write. */
  revision: z.string(),
  server: z
    .looseObject({
      version: z.string().nullish(),
      referenceTokens: z.boolean().nullish(),
      encryptedTokens: z.boolean().nullish(),
    })
    .nullish(),
  applications: list(application),
  scopes: list(scope),
  resources: list(resource),
})
export type State = z.output<typeof state>

export const emptyState: State = {
  format: bundleFormat,
  revision: "0",
  server: null,
  applications: [],
  scopes: [],
  resources: [],
}

/** Entries to write whole, and names to remove. What is not named is left alone. */
export interface Patch {
  readonly applications?: readonly (Application & { readonly clientSecret?: string })[]
  readonly scopes?: readonly Scope[]
  readonly resources?: readonly Resource[]
  readonly remove?: {
    readonly applications?: readonly string[]
    readonly scopes?: readonly string[]
    readonly resources?: readonly string[]
  }
}

/** Pure: the state after a patch. The same rule on both sides of the bundle API. */
export function patched(before: State, patch: Patch, revision: string): State {
  return {
    ...before,
    revision,
    applications: merged(
      before.applications,
      patch.applications?.map(withoutSecret),
      patch.remove?.applications,
      ({ clientId }) => clientId,
    ),
    scopes: merged(before.scopes, patch.scopes, patch.remove?.scopes, ({ name }) => name),
    resources: merged(before.resources, patch.resources, patch.remove?.resources, ({ identifier }) => identifier),
  }
}

function withoutSecret(entry: Application & { readonly clientSecret?: string }): Application {
  const { clientSecret: _never, ...rest } = entry
  return rest as Application
}

function merged<T>(
  before: readonly T[],
  written: readonly T[] = [],
  removed: readonly string[] = [],
  nameOf: (entry: T) => string,
): T[] {
  const fresh = new Map(written.map((entry) => [nameOf(entry), entry]))
  const gone = new Set(removed)
  const kept = before.filter((entry) => !gone.has(nameOf(entry)) && !fresh.has(nameOf(entry)))
  return [...kept, ...fresh.values()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}
