import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { Invalid } from "../base/errors.ts"
import { db } from "../db/client.ts"
import { desiredOfDocument } from "../registry/desired/of-document.ts"
import type { DocumentChange } from "../registry/document/document.ts"
import { compareRegistry } from "../registry/document/commands.ts"
import { computePlans } from "./compute.ts"
import type { PlannedChange } from "./plan.ts"
import type { KeptWire, ReportWire } from "./schema.ts"
import { asHeld } from "./wanted.ts"
import { realWorld, type SyncWorld } from "./world.ts"

/** What a plan would hold, without ids: nothing of it is stored. */
export type PreviewChange = Pick<PlannedChange, "verb" | "kind" | "key" | "fields"> & {
  readonly provider_id: string
  readonly projection?: PlannedChange["projection"]
  readonly needs_confirmation: boolean
}

export interface PreviewWire {
  /** Of the registry as it stands, for `If-Match` of the PUT that makes it so. */
  readonly etag: string
  readonly registry: readonly DocumentChange[]
  readonly providers: readonly { readonly id: string; readonly name: string }[]
  readonly changes: readonly PreviewChange[]
  readonly kept: readonly KeptWire[]
  readonly projection: readonly ReportWire[]
}

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
