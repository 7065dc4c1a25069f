/** A plan is frozen when it is stored: its hash, its row under lock, and what its status refuses. */
import "server-only"
import { sha256 } from "../base/digest.ts"
import { conflict, notFound } from "../base/errors.ts"
import { canonicalJson } from "../base/json.ts"
import type { Tx } from "../db/tx.ts"

type Hashed = {
  readonly id: string
  readonly providerId: string
  readonly verb: string
  readonly kind: string
  readonly key: string
  readonly fields: unknown
  readonly observed?: string | null
}

/** SHA-256 over what will be written, in order: the hash that was shown is the hash that is applied (T30). */
export const hashOf = (providerIds: readonly string[], changes: readonly Hashed[]): string =>
  sha256(
    canonicalJson({
      providers: providerIds,
      changes: changes.map(({ id, providerId, verb, kind, key, fields, observed }) => ({
        id,
        providerId,
        verb,
        kind,
        key,
        fields,
        observed: observed ?? null,
      })),
    }),
  ).toString("hex")

/** The plan as it stands, locked until the commit. 404. */
export async function lockPlan(tx: Tx, id: string) {
  await tx.$queryRaw`select 1 from plan where id = ${id}::uuid for update`
  const row = await tx.plan.findUnique({ where: { id } })
  if (!row) throw notFound("plan", id)
  return row
}

/**
 * The same for a plan that is to write: its providers stay until the commit too. They are locked before the plan, as by
 * whoever disconnects one. 404, 409 `provider_gone`.
 */
export async function lockPlanToWrite(tx: Tx, id: string) {
  const frozen = await tx.plan.findUnique({ where: { id }, select: { providerIds: true } })
  const ids = frozen?.providerIds ?? []
  const held = await tx.$queryRaw<{ id: string }[]>`
    select id::text from provider where id = any(${ids}::uuid[]) order by id for key share`
  const row = await lockPlan(tx, id)
  const gone = ids.filter((one) => !held.some((provider) => provider.id === one))
  if (gone.length > 0 && mayWrite.includes(row.status))
    throw conflict("provider_gone", "A provider of this plan was disconnected. Make a new plan.", { id, gone })
  return row
}
const mayWrite = ["planned", "approved", "partially_applied", "failed"]

/** 409 `plan_<status>`: what such a plan can no longer do, and what to do instead. */
export const refuse = (id: string, status: string) =>
  conflict(`plan_${status}`, sentences[status] ?? `The plan is ${status}.`, { id, status })
const sentences: Readonly<Record<string, string>> = {
  applying: "The plan is being applied.",
  applied: "The plan was applied already. Make a new one.",
  partially_applied: "A part of the plan was applied. Resume it, or make a new one.",
  stale: "The provider has changed since the plan was made. Make a new one.",
  failed: "The plan failed. Resume it, or make a new one.",
  discarded: "The plan was discarded. Make a new one.",
}
