import "server-only"
import { crashpoint } from "../base/crashpoint.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { isPort } from "../connectors/port.ts"
import type { SecretsPort } from "../connectors/secrets-port.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { requireLease, stillHeld, type Lease } from "../queue/lease.ts"
import { issueSecret } from "../secrets/issue.ts"
import { retireSecret } from "../secrets/retire.ts"
import { verifySecret } from "../secrets/verify.ts"
import type { TrailActor } from "../trail/record.ts"
import { gateOf } from "./evidence.ts"
import { mayRetire, type Effect, type Event } from "./machine.ts"
import { situationOf, type RotationRow } from "./store.ts"
import type { RotationWorld } from "./world.ts"

/** What an effect led to: an event for the machine with what the journal keeps of it, or a wait with its reason. */
export type Outcome =
  | { readonly event: Event; readonly detail?: Record<string, string | number | boolean | null> }
  | { readonly wait: string }

/** The effects that call a provider. Each begins with a read and may be repeated after a crash anywhere. Throws ConnectorError, OAuthError, LeaseLost. */
export async function perform(
  effect: Effect,
  row: RotationRow,
  actor: TrailActor,
  world: RotationWorld,
  lease: Lease,
): Promise<Outcome> {
  switch (effect) {
    case "issue":
    case "switch":
      return issue(effect, row, world, lease)
    case "verify":
      return verify(row, actor, world, lease)
    case "remove_unseen":
      return removeUnseen(row, world, lease)
    case "retire_old":
      return retireOld(row, actor, world, lease)
    case "remove_new":
      return removeNew(row, actor, world, lease)
    default:
      throw new Error(`${effect} touches our own tables only`)
  }
}

const newSecretOf = (row: RotationRow): string => {
  if (row.newSecretId === null) throw new Error("a rotation past its intent has a new secret")
  return row.newSecretId
}

async function portOf(row: RotationRow, world: RotationWorld): Promise<SecretsPort> {
  const { secrets } = await world.open(row.providerId)
  if (!isPort(secrets)) throw new ConnectorError("unsupported", "rotate", secrets.cannot)
  return secrets
}

/** The value is ours and sealed, so a lost answer loses nothing: the provider is read first, and the same value is used again. */
async function issue(
  effect: "issue" | "switch",
  row: RotationRow,
  world: RotationWorld,
  lease: Lease,
): Promise<Outcome> {
  await crashpoint(`rotation.before_${effect}`)
  if (!(await issueSecret(newSecretOf(row), world.open, lease)))
    throw new ConnectorError("unsupported", "issue secret", "This provider takes no new secret for this client.", {
      nothingDone: true,
    })
  await crashpoint(`rotation.after_${effect}`)
  return { event: { is: effect === "issue" ? "issued" : "switched" }, detail: { secret_id: row.newSecretId } }
}

async function verify(row: RotationRow, actor: TrailActor, world: RotationWorld, lease: Lease): Promise<Outcome> {
  await crashpoint("rotation.before_verify")
  const verified = await verifySecret(newSecretOf(row), actor, world.open, world.fetch, lease)
  await crashpoint("rotation.after_verify")
  return verified.is === "live"
    ? { event: { is: "canary_passed" }, detail: { secret_id: row.newSecretId } }
    : { wait: verified.why }
}

/** A live secret nobody holds (the provider chose its value and the answer was lost): removed by its id, never by guess. */
async function removeUnseen(row: RotationRow, world: RotationWorld, lease: Lease): Promise<Outcome> {
  const port = await portOf(row, world)
  const ours = new Set(
    (
      await db().clientSecret.findMany({
        where: { clientId: row.clientId, providerId: row.providerId },
        select: { remoteId: true },
      })
    ).map((s) => s.remoteId),
  )
  const unseen = (await port.listSecrets(row.client.name)).filter(
    (s) => !ours.has(s.remoteId) && s.createdAt !== null && Date.parse(s.createdAt) >= row.createdAt.getTime(),
  )
  if (unseen.length > 1)
    throw new ConnectorError(
      "conflict",
      "remove unseen secret",
      `${unseen.length} secrets are at the provider that nobody here knows. A person must say which one is ours.`,
    )
  for (const secret of unseen) {
    await crashpoint("rotation.before_remove_unseen")
    await stillHeld(lease)
    await port.retire(row.client.name, secret.remoteId)
    await crashpoint("rotation.after_remove_unseen")
  }
  return { event: { is: "unseen_removed" }, detail: { removed: unseen.length } }
}

/** Evaluates the gate again before the call, ends each old secret by its id, and reads that it is gone. */
async function retireOld(row: RotationRow, actor: TrailActor, world: RotationWorld, lease: Lease): Promise<Outcome> {
  const gate = await gateOf(row, world.log)
  const gone = async () =>
    (await db().clientSecret.count({ where: { id: { in: row.oldSecretIds }, state: { not: "retired" } } })) === 0
  if (!(await gone()) && !mayRetire(situationOf(row), gate.open))
    return { event: { is: "gate_shut" }, detail: { why: gate.why } }
  for (const id of row.oldSecretIds) {
    await crashpoint("rotation.before_retire")
    await retireSecret(id, actor, world.open, lease)
    await crashpoint("rotation.after_retire")
  }
  await requireGone(row, row.oldSecretIds, world)
  // Retired under an open gate or an override before a crash: the decision stands, whatever the log says now.
  return {
    event: { is: "old_gone", gateOpen: true },
    detail: { retired: row.oldSecretIds.length, gate_open: gate.open, why: gate.why },
  }
}

async function requireGone(row: RotationRow, ids: readonly string[], world: RotationWorld): Promise<void> {
  const port = await portOf(row, world)
  if (port.list === "none") return
  const remoteIds = (
    await db().clientSecret.findMany({ where: { id: { in: [...ids] } }, select: { remoteId: true } })
  ).map((s) => s.remoteId)
  const still = (await port.listSecrets(row.client.name)).filter((s) => remoteIds.includes(s.remoteId))
  if (still.length > 0)
    throw new ConnectorError("unavailable", "retire secret", "The provider still lists the old secret.")
}

/** An abort leaves only the old secret, at the provider and in the vault. A secret whose answer was lost is found by its fingerprint or its marker. */
async function removeNew(row: RotationRow, actor: TrailActor, world: RotationWorld, lease: Lease): Promise<Outcome> {
  const secret =
    row.newSecretId === null
      ? null
      : await db().clientSecret.findUnique({
          where: { id: row.newSecretId },
          select: { id: true, remoteId: true, fingerprint: true },
        })
  if (!secret) return { event: { is: "new_gone" } }
  if (secret.remoteId === null) {
    const port = await portOf(row, world)
    const found =
      port.list === "none"
        ? undefined
        : (await port.listSecrets(row.client.name)).find(
            (s) => s.fingerprint === secret.fingerprint || s.marker === secret.id,
          )
    if (found)
      await withTx(async (tx) => {
        await requireLease(tx, lease)
        await tx.clientSecret.updateMany({
          where: { id: secret.id, remoteId: null },
          data: { remoteId: found.remoteId },
        })
      })
  }
  await crashpoint("rotation.before_remove_new")
  await retireSecret(secret.id, actor, world.open, lease)
  await crashpoint("rotation.after_remove_new")
  await requireGone(row, [secret.id], world)
  return { event: { is: "new_gone" }, detail: { secret_id: secret.id } }
}
