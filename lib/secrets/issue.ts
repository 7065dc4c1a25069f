import "server-only"
import { randomBytes } from "node:crypto"
import { systemActor } from "../auth/system.ts"
import { crashpoint } from "../base/crashpoint.ts"
import { newId } from "../base/id.ts"
import { Secret } from "../base/secret.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { isPort } from "../connectors/port.ts"
import type { IssuedSecret, RemoteSecret, SecretsPort } from "../connectors/secrets-port.ts"
import { firstChange } from "../connectors/refused.ts"
import { db } from "../db/client.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import type { OpenConnector } from "../providers/open.ts"
import { requireLease, stillHeld, type Lease } from "../queue/lease.ts"
import { record, type TrailActor, type TrailChange } from "../trail/record.ts"
import { fingerprint } from "../vault/fingerprint.ts"
import { open, seal } from "../vault/seal.ts"
import { sealContext } from "./rules.ts"

/** 256 bits of ours as hexadecimal digits: 64 characters that every provider takes and no encoding touches. */
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
  const value = new Secret(randomBytes(secretBytes).toString("hex"))
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
 * already, by fingerprint, is taken, and the port is idempotent by marker. Where the provider chooses the value, it is told
 * once and sealed in the very transaction that keeps the remote id; one whose answer was lost is ended by its id, and
 * another one is made. Throws ConnectorError, LeaseLost. False: there is no port.
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
  const there = await firstChange(alreadyThere(port, row.client.name, row))
  if (there !== null && port.chooser === "provider") {
    await stillHeld(lease)
    await port.retire(row.client.name, there.remoteId)
  }
  const remote =
    there !== null && port.chooser !== "provider"
      ? there
      : await issue(port, row, open(row.sealed, sealContext(row)), lease)
  await crashpoint("secret.after_issue")
  await keep(row, remote, lease)
  await crashpoint("secret.after_issue_saved")
  return true
}

type Row = Prisma.ClientSecretGetPayload<{ include: { client: { select: { name: true } } } }>

async function issue(port: SecretsPort, row: Row, ours: Secret, lease: Lease): Promise<IssuedSecret> {
  await stillHeld(lease)
  const remote = await port.issue({
    client: row.client.name,
    value: ours.reveal(),
    fingerprint: row.fingerprint,
    marker: row.id,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  })
  if (port.chooser === "provider" && remote.value === undefined)
    throw new ConnectorError("unknown", "issue secret", "The provider made a secret and did not tell it.")
  return remote
}

async function keep(row: Row, remote: IssuedSecret, lease: Lease): Promise<void> {
  const { remoteId, expiresAt, value } = remote
  const mark = value === undefined ? row.fingerprint : fingerprint(value)
  await withTx(async (tx) => {
    await requireLease(tx, lease)
    const { count } = await tx.clientSecret.updateMany({
      // One that ended meanwhile, with its client, gets no value any more.
      where: { id: row.id, remoteId: null, state: "pending" },
      data: {
        remoteId,
        expiresAt: expiresAt === null ? row.expiresAt : new Date(expiresAt),
        version: { increment: 1 },
        ...(value === undefined
          ? {}
          : {
              fingerprint: mark,
              sealed: seal(new Secret(value), sealContext(row)) as unknown as Prisma.InputJsonValue,
            }),
      },
    })
    if (count === 0 || mark === row.fingerprint) return
    await record(tx, {
      actor: systemActor("secrets"),
      action: "secret.issue",
      target: { kind: "client", id: row.clientId, name: row.client.name },
      before: { fingerprint: row.fingerprint },
      after: { secret_id: row.id, fingerprint: mark, provider_id: row.providerId, chosen_by: "provider" },
    })
  })
}

/** Ours by its value; where the provider chooses that, by the marker that the intent has given it. */
async function alreadyThere(
  port: SecretsPort,
  client: string,
  row: { readonly id: string; readonly fingerprint: string },
): Promise<RemoteSecret | null> {
  if (port.list === "none") return null
  const ours = ({ marker, fingerprint: mark }: RemoteSecret) =>
    port.chooser === "provider" ? marker === row.id : mark === row.fingerprint
  return (await port.listSecrets(client)).find(ours) ?? null
}
