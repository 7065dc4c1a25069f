/**
 * What Grantry keeps on an application: tags, each a text of at most 256 characters, and the immutable `uniqueName`, by
 * which an upsert can be repeated (providers.md 4.2, 4.5). Pure.
 */
import { sha256 } from "../../base/digest.ts"
import type { ObjectKind } from "../objects.ts"
import type { Application } from "./shapes.ts"

export type AppKind = Exclude<ObjectKind, "grant">

const prefixes = {
  client: "grantry:client=",
  audience: "grantry:audience=",
  /** Which Grantry it was: another one on the same tenant is a stranger. */
  instance: "grantry:instance=",
  /** `planId:changeId` of the change that made it. It is our mark. */
  marker: "grantry:marker=",
  owner: "grantry:owner=",
  auth: "grantry:auth=",
} as const
type Tag = keyof typeof prefixes

const tagMax = 256
export const managed = "grantry:managed"
export const tagValueMax = tagMax - Math.max(...Object.values(prefixes).map((prefix) => prefix.length))

export function tagOf(app: Application, tag: Tag): string | null {
  const prefix = prefixes[tag]
  const found = app.tags?.find((text) => text.startsWith(prefix))?.slice(prefix.length)
  return found === undefined || found === "" ? null : found
}

/** The tags with these set anew, all others as they were: PATCH replaces the collection whole. Empty takes one away. */
export function withTags(tags: readonly string[], set: Readonly<Partial<Record<Tag, string>>>): string[] {
  const named = Object.entries(set).map(([tag, value]) => [prefixes[tag as Tag], value] as const)
  return [
    ...tags.filter((text) => !named.some(([prefix]) => text.startsWith(prefix))),
    ...named.flatMap(([prefix, value]) => (value === "" ? [] : [`${prefix}${value}`])),
  ]
}

/** The natural key of an object of ours. An identifier may be longer than a name, so it stands by its digest. */
export const uniqueNameOf = (kind: AppKind, key: string): string =>
  kind === "client" ? `grantry-client-${key}` : `grantry-api-${sha256(key).toString("hex").slice(0, 32)}`

/** Made by this Grantry, as its tags say. */
export const isOurs = (app: Application, instance: string): boolean =>
  tagOf(app, "marker") !== null && tagOf(app, "instance") === instance

/** What an application is to us: one of our own is what we made it, any other may be an audience, a client, or both. */
export function kindsOf(app: Application): readonly AppKind[] {
  const named = (["client", "audience"] as const).filter((kind) => tagOf(app, kind) !== null)
  if (named.length > 0) return named
  const audience =
    (app.identifierUris?.length ?? 0) > 0 ||
    app.appRoles?.some(({ allowedMemberTypes }) => allowedMemberTypes?.includes("Application")) === true
  const client = (app.passwordCredentials?.length ?? 0) > 0 || (app.keyCredentials?.length ?? 0) > 0
  if (!audience) return ["client"]
  return client ? ["audience", "client"] : ["audience"]
}

const oneWord = /^[\x21-\x7E]{1,200}$/

/**
 * Every application under a key of its own: the name that we gave it, else an identifier or a display name that is one word
 * and nobody else's, else its appId. One with our mark comes before one without; of two with one name the elder id keeps it.
 */
export function keyed(apps: readonly Application[], kind: AppKind, instance: string): ReadonlyMap<string, Application> {
  const rank = (app: Application): number => (isOurs(app, instance) ? 0 : tagOf(app, kind) === null ? 2 : 1)
  const names = Map.groupBy(apps, ({ displayName }) => displayName)
  const directory = new Map<string, Application>()
  const sorted = apps
    .filter((app) => kindsOf(app).includes(kind))
    .toSorted((a, b) => rank(a) - rank(b) || (a.appId < b.appId ? -1 : 1))
  for (const app of sorted) {
    const theirs =
      kind === "audience" ? app.identifierUris?.[0] : names.get(app.displayName)?.length === 1 ? app.displayName : null
    const label = tagOf(app, kind) ?? theirs ?? null
    directory.set(label !== null && oneWord.test(label) && !directory.has(label) ? label : app.appId, app)
  }
  return directory
}
