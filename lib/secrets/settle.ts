import "server-only"
import { outgoing, type GuardedFetch } from "../base/http.ts"
import { log } from "../base/log.ts"
import { redactError } from "../base/redact.ts"
import { systemActor } from "../auth/system.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"
import { Prisma, withTx } from "../db/tx.ts"
import { OAuthError } from "../oauth/errors.ts"
import { LeaseLost, requireLease, withLease, type Lease } from "../queue/lease.ts"
import { openConnector, type OpenConnector } from "../providers/open.ts"
import type { TrailActor } from "../trail/record.ts"
import { issueSecret } from "./issue.ts"
import { isDue, troubleOf } from "./rules.ts"
import { verifySecret } from "./verify.ts"

export interface SecretWorld {
  readonly open: OpenConnector
  /** Goes to token endpoints. */
  readonly fetch: GuardedFetch
}

export const realSecretWorld = (): SecretWorld => ({ open: openConnector, fetch: outgoing() })

/**
 * Brings every pending secret of a provider as far as it can go: onto the provider, then live by a canary. Secrets of a
 * rotation in flight are left to that rotation. `lease` is the provider's. A secret that fails keeps its reason and is
 * tried again later. Throws LeaseLost.
 */
export async function settleSecrets(
  providerId: string,
  actor: TrailActor,
  world: SecretWorld,
  lease: Lease,
): Promise<void> {
  const due = (await pendingSecrets(providerId)).filter(({ error }) => isDue(error, new Date()))
  // All are issued before the first is tried: a provider needs a while to know its own secrets.
  const issued: Pending[] = []
  for (const secret of due)
    await orTrouble(secret, lease, async () => {
      if (await issueSecret(secret.id, world.open, lease)) issued.push(secret)
    })
  for (const secret of issued)
    await orTrouble(secret, lease, async () => {
      await verifySecret(secret.id, actor, world.open, world.fetch, lease)
    })
}

interface Pending {
  readonly id: string
  readonly error: unknown
}

async function orTrouble(secret: Pending, lease: Lease, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (error instanceof LeaseLost) throw error
    if (!(error instanceof ConnectorError) && !(error instanceof OAuthError)) {
      log.error({ secret_id: secret.id, error: redactError(error) }, "a secret could not be settled")
    }
    const trouble = troubleOf(error, secret.error, new Date())
    await withTx(async (tx) => {
      await requireLease(tx, lease)
      await tx.clientSecret.updateMany({ where: { id: secret.id, state: "pending" }, data: { error: trouble } })
    })
  }
}

async function pendingSecrets(providerId: string): Promise<readonly Pending[]> {
  const pending = await db().clientSecret.findMany({
    where: { providerId, state: "pending", sealed: { not: Prisma.DbNull } },
    select: { id: true, error: true },
    orderBy: { createdAt: "asc" },
  })
  const rotating = await db().rotation.findMany({
    where: { providerId, state: { notIn: ["done", "aborted"] }, newSecretId: { in: pending.map(({ id }) => id) } },
    select: { newSecretId: true },
  })
  const busy = new Set(rotating.map(({ newSecretId }) => newSecretId))
  return pending.filter(({ id }) => !busy.has(id))
}

/** The job `secret.verify`: every provider that has pending secrets, one after the other. A provider at work settles its own. */
export async function settleAllSecrets(world: SecretWorld = realSecretWorld()): Promise<void> {
  const rows = await db().clientSecret.groupBy({ by: ["providerId"], where: { state: "pending" } })
  for (const { providerId } of rows) {
    await withLease(providerId, (lease) => settleSecrets(providerId, systemActor("secrets"), world, lease)).catch(
      (error: unknown) => {
        // Whoever took over settles them.
        if (!(error instanceof LeaseLost)) throw error
      },
    )
  }
}
