import "server-only"
import { setTimeout as delay } from "node:timers/promises"
import { crashpoint } from "../base/crashpoint.ts"
import type { GuardedFetch } from "../base/http.ts"
import { isObject } from "../base/json.ts"
import { splitGrantKey } from "../connectors/objects.ts"
import { isPort } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { Prisma, withTx } from "../db/tx.ts"
import { OAuthError } from "../oauth/errors.ts"
import type { OpenConnector } from "../providers/open.ts"
import { paced } from "../providers/pace.ts"
import { grantsOf } from "../providers/placed.ts"
import { requireLease, stillHeld, type Lease } from "../queue/lease.ts"
import { record, type TrailActor } from "../trail/record.ts"
import { open } from "../vault/seal.ts"
import { canaryToken } from "./canary.ts"
import { needsSecret, sealContext } from "./rules.ts"

export type Verified = { readonly is: "live" } | { readonly is: "waiting"; readonly why: string }

/**
 * The canary: a real token with the new secret, then `live`. `waiting` while no token can be had yet (no grant on the
 * provider, client disabled there). Throws ConnectorError, OAuthError or LeaseLost. Harmless to repeat.
 */
export async function verifySecret(
  secretId: string,
  actor: TrailActor,
  openProvider: OpenConnector,
  fetch: GuardedFetch,
  lease: Lease,
): Promise<Verified> {
  const row = await db().clientSecret.findUniqueOrThrow({
    where: { id: secretId },
    include: { client: true },
  })
  if (row.state !== "pending") return { is: "live" }
  const { client } = row
  if (row.remoteId === null || row.sealed === null) return { is: "waiting", why: "It is not on the provider yet." }
  if (!needsSecret(client.authMethod)) return { is: "waiting", why: "The client does not use secrets any more." }
  const grant = await tryableGrant(client.name, row.providerId)
  if ("why" in grant) return { is: "waiting", why: grant.why }
  const connector = await openProvider(row.providerId)
  await crashpoint("secret.before_canary")
  const canary = {
    clientId: connector.clientIdOf({ key: client.name, remoteId: grant.clientRemoteId }),
    authMethod: client.authMethod,
    secret: open(row.sealed, sealContext(row)),
    purpose: "canary",
    request: await connector.tokenRequest(grant.audience, [grant.scope]),
  } as const
  const { secrets } = connector
  const attempt = async () => {
    await stillHeld(lease)
    return await canaryToken(canary, paced(row.providerId, fetch))
  }
  await settled(attempt, isPort(secrets) ? (secrets.settleMs ?? 0) : 0)
  await crashpoint("secret.after_canary")
  await withTx(async (tx) => {
    await requireLease(tx, lease)
    const { count } = await tx.clientSecret.updateMany({
      where: { id: row.id, state: "pending" },
      data: { state: "live", verifiedAt: new Date(), error: Prisma.DbNull, version: { increment: 1 } },
    })
    if (count === 0) return
    // Handed over and shown to work: Grantry needs the value no more (decision 0002).
    await tx.clientSecret.updateMany({
      where: { id: row.id, revealedAt: { not: null } },
      data: { sealed: Prisma.DbNull },
    })
    await record(tx, {
      actor,
      action: "secret.verify",
      target: { kind: "client", id: client.id, name: client.name },
      before: { state: "pending" },
      after: {
        secret_id: row.id,
        fingerprint: row.fingerprint,
        state: "live",
        audience: grant.audience,
        scope: grant.scope,
      },
    })
  })
  return { is: "live" }
}

const settleStepMs = 1_000

/** A provider that takes a while to know its own secret refuses it meanwhile: that is no failure yet (providers.md 11.8). */
async function settled<T>(attempt: () => Promise<T>, settleMs: number): Promise<T> {
  const until = Date.now() + settleMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const left = until - Date.now()
      if (!(error instanceof OAuthError) || left <= 0) throw error
      await delay(Math.min(settleStepMs, left))
    }
  }
}

type Tryable =
  { readonly clientRemoteId: string; readonly audience: string; readonly scope: string } | { readonly why: string }

/** A grant that stands on the provider: the audience and one scope to ask for. */
export async function tryableGrant(clientName: string, providerId: string): Promise<Tryable> {
  const [client, grants] = await Promise.all([
    db().placement.findUnique({ where: { providerId_kind_key: { providerId, kind: "client", key: clientName } } }),
    db().placement.findMany({
      where: { providerId, ...grantsOf(clientName) },
      orderBy: { appliedAt: "asc" },
      take: 20,
    }),
  ])
  if (!client) return { why: "The client is not on the provider yet." }
  if (isObject(client.applied) && client.applied.enabled === false)
    return { why: "The client is disabled on the provider." }
  for (const { key, applied } of grants) {
    const scopes = isObject(applied) && Array.isArray(applied.scopes) ? applied.scopes : []
    const scope: unknown = scopes[0]
    if (typeof scope === "string")
      return { clientRemoteId: client.remoteId, audience: splitGrantKey(key).audience, scope }
  }
  return { why: "The client has no grant on the provider yet, so no token can be asked for." }
}
