import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { Invalid } from "../base/errors.ts"
import { db } from "../db/client.ts"
import { desiredOfDocument } from "../registry/desired/of-document.ts"
import { compareRegistry } from "../registry/document/commands.ts"
import { computePlans } from "./compute.ts"
import { limitOf } from "./queries.ts"
import { keptView, reportView } from "./schema.ts"
import { asHeld } from "./wanted.ts"
import { realWorld, type SyncWorld } from "./world.ts"

const fields = z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })).readonly()

export const previewView = z.object({
  /** Of the registry as it stands, for `If-Match` of the PUT that makes it so. */
  etag: z.string(),
  registry: z
    .array(
      z.object({
        verb: z.enum(["create", "update", "delete"]),
        kind: z.enum(["audience", "client", "grant"]),
        key: z.string(),
        fields,
      }),
    )
    .readonly(),
  providers: z.array(z.object({ id: z.string(), name: z.string() })),
  /** What a plan would hold, without ids: nothing of it is stored. */
  changes: z.array(
    z.object({
      verb: z.enum(["create", "update", "delete", "disable"]),
      kind: z.string(),
      key: z.string(),
      provider_id: z.string(),
      fields,
      projection: z.object({ is: z.enum(["exact", "widened", "unsupported"]), why: z.string() }).optional(),
      needs_confirmation: z.boolean(),
    }),
  ),
  kept: z.array(keptView),
  projection: z.array(reportView),
  /** How many deletes one run on these providers may hold (T30). */
  deletes_limit: z.int(),
})
export type PreviewWire = z.infer<typeof previewView>

/**
 * What a document would change, in the registry and, once it stood there, on each provider; writes nothing but what every
 * read of a provider leaves. `names` are providers by name or id, none means all. Refuses 422 with every unusable field of
 * the document or `unknown_provider`, 503 `provider_unavailable` or `plan_timeout`.
 */
export async function previewDocument(
  actor: Actor,
  raw: unknown,
  names: readonly string[],
  world: SyncWorld = realWorld(),
): Promise<PreviewWire> {
  authorize(actor, "plans:write")
  const { document, changes: registry, etag } = await compareRegistry(actor, raw)
  const providers = await named(names)
  const plans = await computePlans(providers, world, async ({ name }, connector, now) =>
    asHeld(desiredOfDocument(document, name, now), connector),
  )
  return {
    etag,
    registry,
    providers,
    changes: plans.flatMap(({ providerId, changes }) =>
      changes.map(({ verb, kind, key, fields, projection, needsConfirmation }) => ({
        verb,
        kind,
        key,
        provider_id: providerId,
        fields,
        ...(projection === null ? {} : { projection }),
        needs_confirmation: needsConfirmation,
      })),
    ),
    kept: plans.flatMap(({ providerId, kept }) => kept.map((item) => ({ ...item, provider_id: providerId }))),
    projection: plans.map(({ providerId, report }) => ({ provider_id: providerId, ...report })),
    deletes_limit: await limitOf(
      db(),
      providers.map(({ id }) => id),
    ),
  }
}

async function named(names: readonly string[]): Promise<{ id: string; name: string }[]> {
  const all = await db().provider.findMany({ select: { id: true, name: true }, orderBy: { name: "asc" } })
  const unknown = names.filter((name) => !all.some((provider) => provider.name === name || provider.id === name))
  if (unknown.length > 0)
    throw new Invalid(
      unknown.map((name) => ({
        path: "provider",
        code: "unknown_provider",
        message: `There is no provider ${JSON.stringify(name)}.`,
      })),
    )
  return names.length === 0 ? all : all.filter(({ id, name }) => names.includes(id) || names.includes(name))
}
