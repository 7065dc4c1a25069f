import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { requireFresh } from "../auth/step-up.ts"
import { conflict, invalid, notFound, Unavailable } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { isPort } from "../connectors/port.ts"
import type { SecretsPort, Strategy } from "../connectors/secrets-port.ts"
import { db } from "../db/client.ts"
import { isUniqueViolation } from "../db/trouble.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import { needsSecret } from "../secrets/rules.ts"
import { record } from "../trail/record.ts"
import type { Grade } from "./gate.ts"
import { advance } from "./run.ts"
import { findRotation, journal, rotationInclude, rotationTarget, type RotationRow } from "./store.ts"
import { realWorld, type RotationWorld } from "./world.ts"

export interface StartInput {
  readonly provider_id: string
  /** Needed where issuing the new secret ends the old one. */
  readonly confirm: boolean
  readonly grace_seconds?: number | undefined
}

interface Preflight {
  readonly client: { readonly id: string; readonly name: string }
  readonly provider: { readonly id: string; readonly name: string }
  readonly port: SecretsPort
  readonly strategy: Strategy
  readonly oldSecretIds: readonly string[]
  /** Live at the provider and not ours: shown, never ended by us. */
  readonly foreign: readonly string[]
}

/**
 * Starts a rotation and takes it as far as it goes by itself, usually to `verified`. Refuses with 409
 * `rotation_in_flight`, `downtime_confirmation_needed`, `live_secrets_max`, `no_secret`, `uses_keys`, `client_disabled`,
 * `not_placed`, `cannot_rotate`, `plan_applying`; 403 `step_up_needed`; 422 for an unknown provider.
 */
export async function startRotation(
  actor: Actor,
  clientId: string,
  input: StartInput,
  world: RotationWorld = realWorld(),
): Promise<RotationRow> {
  authorize(actor, "rotations:write")
  requireFresh(actor)
  const checked = await preflight(clientId, input, world)
  const grade = await gradeOf(checked)
  const graceSeconds = input.grace_seconds ?? (await graceOf(clientId))
  const id = newId()
  const detail: Prisma.InputJsonObject = {
    strategy: checked.strategy.is,
    strategy_why: checked.strategy.why,
    downtime_seconds: checked.strategy.downtimeSeconds,
    evidence_grade: grade,
    live_max: checked.port.liveMax,
    foreign_secrets: [...checked.foreign],
    confirmed_downtime: input.confirm,
  }
  try {
    await withTx(async (tx) => {
      await noPlanAtWork(tx, checked)
      const row = await tx.rotation.create({
        data: {
          id,
          clientId,
          providerId: input.provider_id,
          state: "planned",
          strategy: checked.strategy.is,
          evidenceGrade: grade,
          oldSecretIds: [...checked.oldSecretIds],
          graceSeconds,
          createdBy: actor.name,
        },
        include: rotationInclude,
      })
      await journal(tx, id, "preflight", "result", detail)
      await record(tx, {
        actor,
        action: "rotation.create",
        target: rotationTarget(row),
        after: {
          state: "planned",
          client: checked.client.name,
          provider: checked.provider.name,
          grace_seconds: graceSeconds,
          ...detail,
        },
      })
    })
  } catch (error) {
    throw isUniqueViolation(error)
      ? conflict(
          "rotation_in_flight",
          `A rotation of ${checked.client.name} on ${checked.provider.name} is in flight already.`,
        )
      : error
  }
  await advance(id, world)
  const row = await findRotation(id)
  if (!row) throw notFound("rotation", id)
  return row
}

/** The provider is locked as by whoever starts an apply, so that one of the two sees the other. */
async function noPlanAtWork(tx: Tx, { client, provider }: Preflight): Promise<void> {
  await tx.$queryRaw`select 1 from provider where id = ${provider.id}::uuid for update`
  const open = await tx.planChange.findFirst({
    where: {
      providerId: provider.id,
      kind: "client",
      key: client.name,
      status: { in: ["pending", "intent"] },
      plan: { status: "applying" },
    },
    select: { planId: true },
  })
  if (open)
    throw conflict("plan_applying", `A plan that changes ${client.name} is being applied. Wait until it is over.`, {
      plan: open.planId,
    })
}

async function preflight(clientId: string, input: StartInput, world: RotationWorld): Promise<Preflight> {
  const client = await db().client.findUnique({ where: { id: clientId } })
  if (!client) throw notFound("client", clientId)
  const provider = await db().provider.findUnique({
    where: { id: input.provider_id },
    select: { id: true, name: true },
  })
  if (!provider) throw invalid("provider_id", "unknown_provider", `There is no provider ${input.provider_id}.`)
  if (!needsSecret(client.authMethod))
    throw conflict("uses_keys", `${client.name} signs with its own keys and has no secret to rotate.`)
  if (!client.enabled) throw conflict("client_disabled", `${client.name} is disabled: no token can prove a new secret.`)
  const flying = await db().rotation.findFirst({
    where: { clientId, providerId: provider.id, state: { notIn: ["done", "aborted"] } },
    select: { id: true, state: true },
  })
  if (flying)
    throw conflict("rotation_in_flight", `A rotation of ${client.name} on ${provider.name} is in flight already.`, {
      rotation: flying,
    })
  if (
    !(await db().placement.findUnique({
      where: { providerId_kind_key: { providerId: provider.id, kind: "client", key: client.name } },
      select: { id: true },
    }))
  ) {
    throw conflict("not_placed", `${client.name} does not stand on ${provider.name} yet. Plan and apply first.`)
  }
  const port = (await world.open(provider.id)).secrets
  if (!isPort(port)) throw conflict("cannot_rotate", port.cannot, { source: port.source })
  const strategy = await strategyNow(port, client.name, provider.name)
  if (strategy.is === "in_place" && !input.confirm) {
    throw conflict("downtime_confirmation_needed", `${strategy.why} ${downtime(strategy)}`, {
      strategy: "in_place",
      why: strategy.why,
      downtime_seconds: strategy.downtimeSeconds,
    })
  }
  return { client, provider, port, strategy, ...(await liveNow(client, provider, port, strategy)) }
}

/** Where it depends on the provider's state it is read afresh. Refuses 503 `provider_unavailable`. */
async function strategyNow(port: SecretsPort, client: string, provider: string): Promise<Strategy> {
  if (port.strategyOf) return told(provider, `how secrets of ${client} can be replaced`, port.strategyOf(client))
  if (port.strategy === "overlap")
    return { is: "overlap", why: `${provider} keeps several secrets.`, downtimeSeconds: 0 }
  const why = `${provider} keeps one client secret: the old one stops working the moment the new one is issued.`
  return { is: "in_place", why, downtimeSeconds: null }
}

const downtime = ({ downtimeSeconds }: Strategy): string =>
  downtimeSeconds === null
    ? "Until the service holds the new one it gets no token; for how long is not known."
    : `Requests may fail for up to ${downtimeSeconds} s, and until the service holds the new one.`

/** What lives at the provider now: ours by remote id, and foreign ones. */
async function liveNow(
  client: { id: string; name: string },
  provider: { id: string; name: string },
  port: SecretsPort,
  strategy: Strategy,
): Promise<{ oldSecretIds: string[]; foreign: string[] }> {
  const ours = await db().clientSecret.findMany({
    where: { clientId: client.id, providerId: provider.id, state: { not: "retired" } },
    orderBy: { createdAt: "asc" },
  })
  if (ours.some((s) => s.remoteId === null))
    throw conflict(
      "secret_pending",
      `A secret of ${client.name} is being made on ${provider.name} right now. Wait until it is live.`,
    )
  const remote =
    port.list === "none"
      ? []
      : await told(provider.name, `which secrets ${client.name} has`, port.listSecrets(client.name))
  const known = new Set(ours.map((s) => s.remoteId))
  const foreign = remote.filter((s) => !known.has(s.remoteId)).map((s) => s.remoteId)
  if (ours.length + foreign.length === 0)
    throw conflict("no_secret", `${client.name} has no secret on ${provider.name}. Apply makes the first one.`)
  const live = Math.max(remote.length, ours.length)
  if (strategy.is === "overlap" && live >= port.liveMax) {
    throw conflict(
      "live_secrets_max",
      `${provider.name} keeps at most ${port.liveMax} live secrets per client, and ${client.name} has ${live}. End one of them first.`,
      { live_max: port.liveMax, ours: ours.map((s) => s.id), foreign },
    )
  }
  return { oldSecretIds: ours.map((s) => s.id), foreign }
}

async function told<T>(provider: string, what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    const why = `${provider} does not tell ${what}: ${error.message}`
    throw new Unavailable("provider_unavailable", why, 5, { cause: error })
  }
}

/** A where the provider's log names the secret; B where the client's own events carried a fingerprint lately; else D. */
async function gradeOf({ port, oldSecretIds }: Preflight): Promise<Grade> {
  if (port.evidenceByLog === "A") return "A"
  const revealed = await db().clientSecret.count({
    where: { id: { in: [...oldSecretIds] }, revealedAt: { not: null } },
  })
  return revealed > 0 ? "B" : "D"
}

/** A cached token outlives a switch by its life at most, so the old secret must be unseen for that long, and a minute. */
async function graceOf(clientId: string): Promise<number> {
  const longest = await db().audience.aggregate({
    where: { grants: { some: { clientId } } },
    _max: { tokenTtlSeconds: true },
  })
  return (longest._max.tokenTtlSeconds ?? 3_600) + 60
}
