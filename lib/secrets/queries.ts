import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { notFound } from "../base/errors.ts"
import type { Json } from "../base/json.ts"
import type { Secret } from "../base/secret.ts"
import { isPort, type Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { openConnector, type OpenConnector } from "../providers/open.ts"
import { open } from "../vault/seal.ts"
import type { Prisma } from "../db/tx.ts"
import { sealContext } from "./rules.ts"

export interface SecretWire {
  readonly id: string
  readonly provider_id: string
  readonly state: string
  readonly fingerprint: string
  readonly created_at: string
  readonly expires_at: string | null
  readonly last_seen_at: string | null
  readonly verified_at: string | null
  readonly revealed_at: string | null
  readonly retired_at: string | null
  readonly revealable: boolean
  /** Why it is still pending, when the last attempt failed. */
  readonly error: Json
}

/** A client's secret versions, newest first (ids sort by time), after the id `after`; retired ones only with `all`. `last_seen_at` is the last use by its service that an event named (job `secret.seen`); nobody is asked. */
export async function listSecrets(
  actor: Actor,
  clientId: string,
  options: { all: boolean; limit: number; after: string | null },
  openProvider: OpenConnector = openConnector,
): Promise<{ items: SecretWire[]; last: string | null }> {
  authorize(actor, "secrets:read")
  if ((await db().client.count({ where: { id: clientId } })) === 0) throw notFound("client", clientId)
  const found = await db().clientSecret.findMany({
    where: {
      clientId,
      ...(options.all ? {} : { state: { not: "retired" } }),
      ...(options.after === null ? {} : { id: { lt: options.after } }),
    },
    orderBy: { id: "desc" },
    take: options.limit + 1,
  })
  const rows = found.slice(0, options.limit)
  const staged = await preStaged(
    rows.map(({ id }) => id),
    openProvider,
  )
  const items = rows.map((row) => ({
    id: row.id,
    provider_id: row.providerId,
    state: row.state,
    fingerprint: row.fingerprint,
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_seen_at: row.lastSeenAt?.toISOString() ?? null,
    verified_at: row.verifiedAt?.toISOString() ?? null,
    revealed_at: row.revealedAt?.toISOString() ?? null,
    retired_at: row.retiredAt?.toISOString() ?? null,
    revealable: isRevealable(row, staged),
    error: row.error as Json,
  }))
  return { items, last: found.length > options.limit ? (items.at(-1)?.id ?? null) : null }
}

/** Is there a value here that a service can take over? `staged` is what `preStaged` answers. */
export const isRevealable = (
  row: Pick<Prisma.ClientSecretGetPayload<object>, "id" | "revealedAt" | "sealed" | "remoteId" | "state">,
  staged: ReadonlySet<string>,
): boolean =>
  row.revealedAt === null &&
  row.sealed !== null &&
  (row.remoteId !== null || staged.has(row.id)) &&
  row.state !== "retired"

/** Those that a rotation in place is about to switch to, of a value that is ours: the service must hold them before the provider does. */
export async function preStaged(
  secretIds: readonly string[],
  openProvider: OpenConnector,
): Promise<ReadonlySet<string>> {
  const rotations = await db().rotation.findMany({
    where: { newSecretId: { in: [...secretIds] }, strategy: "in_place", state: { in: ["intent", "published"] } },
    select: { newSecretId: true, providerId: true },
  })
  const ours = await Promise.all(rotations.map(async (one) => weChoose(await openProvider(one.providerId))))
  return new Set(rotations.flatMap(({ newSecretId }, i) => (ours[i] && newSecretId !== null ? [newSecretId] : [])))
}

/** Whether a secret's value there is the one that we sealed before it was made. */
export const weChoose = ({ secrets }: Connector): boolean => isPort(secrets) && secrets.chooser !== "provider"

/** How many live secrets end before a moment. */
export async function countSecretsEnding(actor: Actor, before: Date): Promise<number> {
  authorize(actor, "secrets:read")
  return db().clientSecret.count({ where: { state: "live", expiresAt: { lt: before } } })
}

/** For Grantry's own requests (test fetch, demo): the newest value that is still sealed here, or null. Never answered to anybody. */
export async function heldSecret(clientId: string, providerId: string): Promise<Secret | null> {
  const rows = await db().clientSecret.findMany({
    where: { clientId, providerId, state: { in: ["live", "pending"] }, remoteId: { not: null } },
    orderBy: { createdAt: "desc" },
  })
  const row = rows.find(({ sealed }) => sealed !== null)
  return row ? open(row.sealed, sealContext(row)) : null
}
