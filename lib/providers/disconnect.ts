import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { requireFresh } from "../auth/step-up.ts"
import { conflict, notFound, staleEtag } from "../base/errors.ts"
import { requireVersion } from "../base/version.ts"
import { db } from "../db/client.ts"
import { withTx, type Tx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { discardPlans } from "./discard-plans.ts"
import { toWire } from "./schema.ts"

/** What stays at a provider that is disconnected: Grantry forgets it, nobody ends it. */
export const remainsView = z.object({
  sentence: z.string(),
  counts: z.object({ audience: z.int(), client: z.int(), grant: z.int() }),
  /** The first of them, clients first. */
  objects: z.array(z.object({ kind: z.string(), key: z.string(), remote_id: z.string(), origin: z.string() })),
  /** They go on working there. */
  live_secrets: z.array(z.object({ client: z.string(), fingerprint: z.string(), state: z.string() })),
  /** What the registry wants there. */
  wanted: z.object({ clients: z.int(), audiences: z.int() }),
  /** While one of these runs, nothing is disconnected. */
  in_flight: z.object({ plans: z.int(), rotations: z.int() }),
})
export type Remains = z.infer<typeof remainsView>

const listedMax = 200

/** What would stay behind if this provider were disconnected now. Calls nobody. 404. */
export async function remainsOf(actor: Actor, id: string): Promise<Remains> {
  authorize(actor, "providers:read")
  const row = await db().provider.findUnique({ where: { id }, select: { name: true } })
  if (!row) throw notFound("provider", id)
  return remains(db(), id, row.name)
}

/**
 * Disconnects a provider and answers what stays behind. Where anything does, that must be said to be meant (`leave`) by
 * somebody who has proven themselves lately. Plans for it that nobody has begun are discarded. 403 `step_up_needed`, 404, 409 `provider_in_use` with the remains,
 * `provider_busy`, 412.
 */
export async function deleteProvider(
  actor: Actor,
  id: string,
  ifMatch: number | null,
  { leave = false }: { readonly leave?: boolean } = {},
): Promise<Remains> {
  authorize(actor, "providers:write")
  return withTx(async (tx) => {
    await tx.$queryRaw`select 1 from provider where id = ${id}::uuid for update`
    const before = await tx.provider.findUnique({ where: { id } })
    if (!before) throw notFound("provider", id)
    requireVersion(ifMatch, before.version)
    const left = await remains(tx, id, before.name)
    const evidence = { ...left }
    if (left.in_flight.plans + left.in_flight.rotations > 0)
      throw conflict(
        "provider_busy",
        `A plan or a rotation is at work on ${before.name}. Wait until it is over.`,
        evidence,
      )
    if (!isEmpty(left)) {
      if (!leave)
        throw conflict("provider_in_use", `${left.sentence} Say that this is meant: leave_behind=1.`, evidence)
      requireFresh(actor)
    }
    const plans = await discardPlans(tx, actor, { providerIds: { has: id } }, `${before.name} was disconnected.`)
    const { count } = await tx.provider.deleteMany({ where: { id, version: before.version } })
    if (count === 0) throw staleEtag(`"${before.version + 1}"`)
    await record(
      tx,
      {
        actor,
        action: "provider.delete",
        target: { kind: "provider", id, name: before.name },
        before: toWire(before),
        after: { left_behind: { counts: left.counts, live_secrets: [...left.live_secrets], wanted: left.wanted } },
      },
      ...plans,
    )
    return left
  })
}

const isEmpty = ({ counts, live_secrets, wanted }: Remains): boolean =>
  counts.audience + counts.client + counts.grant + live_secrets.length + wanted.clients + wanted.audiences === 0

/** `name` is what the sentence calls the provider. */
export async function remains(through: Tx | ReturnType<typeof db>, id: string, name: string): Promise<Remains> {
  const where = { providerId: id }
  const kinds = await through.placement.groupBy({ by: ["kind"], where, _count: true })
  const objects = await through.placement.findMany({
    where,
    select: { kind: true, key: true, remoteId: true, origin: true },
    orderBy: [{ kind: "asc" }, { key: "asc" }],
    take: listedMax,
  })
  const secrets = await through.clientSecret.findMany({
    where: { ...where, state: { not: "retired" }, remoteId: { not: null } },
    select: { fingerprint: true, state: true, client: { select: { name: true } } },
    orderBy: { createdAt: "asc" },
  })
  const clients = await through.clientProvider.count({ where })
  const audiences = await through.audienceProvider.count({ where })
  const plans = await through.plan.count({ where: { status: "applying", providerIds: { has: id } } })
  // One that is stuck waits for a person, and where the provider never answers again no person can end it.
  const rotations = await through.rotation.count({
    where: { ...where, state: { notIn: ["done", "aborted", "stuck"] } },
  })
  const of = (kind: string) => kinds.find((one) => one.kind === kind)?._count ?? 0
  const counts = { audience: of("audience"), client: of("client"), grant: of("grant") }
  return {
    sentence: sentenceOf(name, counts, secrets.length, clients + audiences),
    counts,
    objects: objects
      .toSorted((a, b) => Number(b.kind === "client") - Number(a.kind === "client"))
      .map(({ remoteId, ...object }) => ({ ...object, remote_id: remoteId })),
    live_secrets: secrets.map(({ client, fingerprint, state }) => ({ client: client.name, fingerprint, state })),
    wanted: { clients, audiences },
    in_flight: { plans, rotations },
  }
}

function sentenceOf(name: string, counts: Remains["counts"], secrets: number, wanted: number): string {
  const many = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`
  const objects = [many(counts.client, "client"), many(counts.audience, "audience"), many(counts.grant, "grant")]
  if (counts.client + counts.audience + counts.grant + secrets === 0)
    return wanted === 0
      ? `Nothing of Grantry stands on ${name}.`
      : `Nothing of Grantry stands on ${name}, and ${wanted} of its clients and audiences are wanted there.`
  return `${objects.join(", ")} stay on ${name}, and ${many(secrets, "secret")} ${secrets === 1 ? "goes" : "go"} on working there. Grantry forgets them.`
}
