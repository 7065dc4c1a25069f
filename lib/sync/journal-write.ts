/** What a run on a provider writes: entries of several steps in one transaction, each kind of row by one statement. */
import "server-only"
import { systemActor } from "../auth/system.ts"
import type { JsonObject } from "../base/json.ts"
import type { RemoteObject } from "../connectors/objects.ts"
import type { Tx } from "../db/tx.ts"
import { requireLease, type Lease } from "../queue/lease.ts"
import { prepareSecret } from "../secrets/issue.ts"
import { markRetired } from "../secrets/retire.ts"
import { needsSecret } from "../secrets/rules.ts"
import { record, type TrailChange } from "../trail/record.ts"
import { placementApplied } from "./columns.ts"
import type { BadEnd, JournalStep, StepError } from "./journal.ts"
import { idOf, same } from "./normal.ts"
import { lockRotations, savePlacements } from "./store.ts"
import type { ClientsGone } from "./world.ts"

/** One word about one step. A step has at most one in a transaction. */
export type Entry =
  | { readonly step: JournalStep; readonly is: "intent"; readonly started: boolean }
  | {
      readonly step: JournalStep
      readonly is: "done" | "failed"
      readonly error: StepError | null
      readonly result: RemoteObject | null
    }
  | { readonly step: JournalStep; readonly is: "given_up"; readonly status: BadEnd; readonly error: StepError }

type Ended = Extract<Entry, { readonly result: RemoteObject | null }>

const actor = systemActor("apply")

/** All of them or none, and only while the lease stands. The steps are one provider's. Throws LeaseLost. */
export async function writeEntries(
  tx: Tx,
  lease: Lease,
  entries: readonly Entry[],
  clientsGone?: ClientsGone,
): Promise<void> {
  await requireLease(tx, lease)
  const written = await writeSteps(tx, entries)
  // What another process has ended already keeps its end.
  const fresh = entries.filter(({ step }) => written.has(step.id))
  const ended = fresh.filter((entry): entry is Ended => entry.is === "done" || entry.is === "failed")
  const gone = ended.filter(({ step, result }) => step.verb === "delete" || result === null)
  const there = ended.filter((entry) => !gone.includes(entry))
  const secrets = await remember(tx, there)
  if (ended.length > 0)
    await tx.driftItem.deleteMany({ where: { ...objects(ended.map(({ step }) => step)), status: "reverting" } })
  await forget(tx, gone, clientsGone)
  await record(tx, ...fresh.flatMap((entry) => [...trailOf(entry), ...(secrets.get(entry.step.id) ?? [])]))
}

/** The ids of the steps that took it. */
async function writeSteps(tx: Tx, entries: readonly Entry[]): Promise<ReadonlySet<string>> {
  const rows = entries.map((entry) => ({
    id: entry.step.id,
    status: entry.is === "given_up" ? entry.status : entry.is,
    intent: entry.is === "intent",
    /** A result is the word of whoever began the step; another end stands. */
    open_only: entry.is === "done" || entry.is === "failed",
    error: entry.is === "intent" ? null : entry.error,
    remote_id: "result" in entry ? (entry.result?.remoteId ?? null) : null,
  }))
  const written = await tx.$queryRaw<{ id: string }[]>`
    update plan_change c set
      status = r.status,
      attempt = c.attempt + case when r.intent then 1 else 0 end,
      intent_at = case when r.intent then coalesce(c.intent_at, clock_timestamp()) else c.intent_at end,
      finished_at = case when r.intent then c.finished_at else clock_timestamp() end,
      error = case when r.intent then c.error else r.error end,
      remote_id = coalesce(r.remote_id, c.remote_id)
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as r (id uuid, status text, intent boolean, open_only boolean, error jsonb, remote_id text)
    where c.id = r.id and (not r.open_only or c.status in ('pending', 'intent'))
    returning c.id::text as id`
  const ids = new Set(written.map(({ id }) => id))
  for (const { id, open_only } of rows)
    if (!open_only && !ids.has(id)) throw new Error(`the journal has no step ${id} any more`)
  return ids
}

function trailOf(entry: Entry): TrailChange[] {
  const { step } = entry
  const say = (action: TrailChange["action"], detail: JsonObject): TrailChange[] => [
    {
      actor,
      action,
      target: { kind: step.kind, id: step.id, name: step.key },
      after: { plan_id: step.planId, provider_id: step.providerId, verb: step.verb, ...detail },
    },
  ]
  if (entry.is === "intent") return entry.started ? [] : say("change.intent", {})
  if (entry.is === "given_up") return say("change.failed", { status: entry.status, error: entry.error })
  return say(entry.error ? "change.failed" : "change.done", {
    fields: step.fields as unknown as JsonObject[],
    ...(entry.error ? { error: entry.error } : {}),
  })
}

/** The rows of these steps' objects. */
const objects = (steps: readonly JournalStep[]) => ({
  OR: steps.map(({ providerId, kind, key }) => ({ providerId, kind, key })),
})

/** With a client go its secrets, and what `clientsGone` says. */
async function forget(tx: Tx, gone: readonly Ended[], clientsGone?: ClientsGone): Promise<void> {
  const [first] = gone
  if (!first) return
  const steps = gone.map(({ step }) => step)
  const clients = steps.filter(({ kind }) => kind === "client")
  const theirs = { providerId: first.step.providerId, clients: clients.map(({ key }) => key) }
  if (clients.length > 0) await lockRotations(tx, theirs)
  await tx.placement.deleteMany({ where: objects(steps) })
  if (clients.length === 0) return
  const secrets = await tx.clientSecret.findMany({
    where: {
      OR: clients.map(({ providerId, key }) => ({ providerId, client: { name: key } })),
      state: { not: "retired" },
    },
    select: { id: true },
  })
  await markRetired(
    tx,
    secrets.map(({ id }) => id),
    actor,
  )
  await clientsGone?.(tx, actor, theirs)
}

/** What arrived is what was applied. Answers what the trail says of first secrets, by the step's id. */
async function remember(tx: Tx, there: readonly Ended[]): Promise<ReadonlyMap<string, readonly TrailChange[]>> {
  if (there.length === 0) return new Map()
  const steps = there.map(({ step }) => step)
  const placed = new Map((await tx.placement.findMany({ where: objects(steps) })).map((row) => [idOf(row), row]))
  await savePlacements(
    tx,
    there.flatMap(({ step, result }) => {
      if (result === null) return []
      const before = placed.get(idOf(step))
      const had = step.verb === "create" || !before ? {} : placementApplied(before.applied)
      const arrived = step.fields.map(
        ({ field, to }) =>
          [
            field,
            same(result.fields[field], to) || result.unknown?.includes(field) ? to : (result.fields[field] ?? null),
          ] as const,
      )
      const { providerId, kind, key } = step
      const applied = { ...had, ...Object.fromEntries(arrived) }
      return [{ providerId, kind, key, remoteId: result.remoteId, origin: "created" as const, applied }]
    }),
  )
  return firstSecrets(
    tx,
    steps.filter(
      ({ kind, fields }) =>
        kind === "client" && fields.some(({ field, to }) => field === "auth_method" && needsSecret(to)),
    ),
  )
}

/** A client that has just come to need a secret gets its intent here, in the transaction of the cause. */
async function firstSecrets(tx: Tx, steps: readonly JournalStep[]): Promise<ReadonlyMap<string, TrailChange[]>> {
  const changes = new Map<string, TrailChange[]>()
  if (steps.length === 0) return changes
  const clients = await tx.client.findMany({
    where: { name: { in: steps.map(({ key }) => key) } },
    select: { id: true, name: true },
  })
  const has = await tx.clientSecret.findMany({
    where: { clientId: { in: clients.map(({ id }) => id) }, state: { not: "retired" } },
    select: { clientId: true, providerId: true },
  })
  for (const { id, key, providerId } of steps) {
    const client = clients.find(({ name }) => name === key)
    if (!client || has.some((secret) => secret.clientId === client.id && secret.providerId === providerId)) continue
    changes.set(id, [(await prepareSecret(tx, actor, { client, providerId })).change])
  }
  return changes
}
