import "server-only"
import { randomBytes } from "node:crypto"
import { crashpoint } from "../base/crashpoint.ts"
import { newId } from "../base/id.ts"
import { Secret } from "../base/secret.ts"
import { isPort, type RemoteSecret, type SecretsPort } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import type { OpenConnector } from "../providers/open.ts"
import { requireLease, stillHeld, type Lease } from "../queue/lease.ts"
import type { TrailActor, TrailChange } from "../trail/record.ts"
import { fingerprint } from "../vault/fingerprint.ts"
import { open, seal } from "../vault/seal.ts"
import { sealContext } from "./rules.ts"

/** 256 bits of ours, as text without a character that any encoding would touch. */
const secretBytes = 32

export interface NewSecret {
  readonly client: { readonly id: string; readonly name: string }
  readonly providerId: string
  readonly expiresAt?: Date | null
}

/**
 * The intent: a pending secret version with its sealed value, in the caller's transaction and before any call, so that a
 * lost answer loses nothing. The caller records the returned change in the trail.
 */
export async function prepareSecret(
  tx: Tx,
  actor: TrailActor,
  wanted: NewSecret,
): Promise<{ id: string; fingerprint: string; change: TrailChange }> {
  const value = new Secret(randomBytes(secretBytes).toString("base64url"))
  const row = { id: newId(), clientId: wanted.client.id, providerId: wanted.providerId }
  const mark = fingerprint(value.reveal())
  const sealed = seal(value, sealContext(row)) as unknown as Prisma.InputJsonValue
  await tx.clientSecret.create({
    data: { ...row, state: "pending", fingerprint: mark, sealed, expiresAt: wanted.expiresAt ?? null },
  })
  const after = { secret_id: row.id, fingerprint: mark, provider_id: wanted.providerId, state: "pending" }
  return {
    id: row.id,
    fingerprint: mark,
    change: { actor, action: "secret.issue", target: { kind: "client", ...wanted.client }, after },
  }
}

/**
 * Puts a prepared secret on its provider and keeps its remote id. Safe to repeat after a crash at any place: what is there
 * already, by fingerprint, is taken, and the port is idempotent by marker. Throws ConnectorError, LeaseLost. False: there
 * is no port.
 */
export async function issueSecret(secretId: string, openProvider: OpenConnector, lease: Lease): Promise<boolean> {
  const row = await db().clientSecret.findUnique({
    where: { id: secretId },
    include: { client: { select: { name: true } } },
  })
  if (!row || row.remoteId !== null || row.state !== "pending") return row !== null && row.remoteId !== null
  const port = (await openProvider(row.providerId)).secrets
  if (!isPort(port)) return false
  await crashpoint("secret.before_issue")
  let remote = await alreadyThere(port, row.client.name, row.fingerprint)
  if (remote === null) {
    await stillHeld(lease)
    remote = await port.issue({
      client: row.client.name,
      value: open(row.sealed, sealContext(row)).reveal(),
      fingerprint: row.fingerprint,
      marker: row.id,
      expiresAt: row.expiresAt?.toISOString() ?? null,
    })
  }
  await crashpoint("secret.after_issue")
  const { remoteId, expiresAt } = remote
  await withTx(async (tx) => {
    await requireLease(tx, lease)
    await tx.clientSecret.updateMany({
      where: { id: row.id, remoteId: null },
      data: {
        remoteId,
        expiresAt: expiresAt === null ? row.expiresAt : new Date(expiresAt),
        version: { increment: 1 },
      },
    })
  })
  await crashpoint("secret.after_issue_saved")
  return true
}

async function alreadyThere(port: SecretsPort, client: string, mark: string): Promise<RemoteSecret | null> {
  if (port.list === "none") return null
  return (await port.listSecrets(client)).find((secret) => secret.fingerprint === mark) ?? null
}
