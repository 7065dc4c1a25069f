import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { requireFresh } from "../auth/step-up.ts"
import { conflict, notFound, Refused } from "../base/errors.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import type { Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { Prisma, withTx, type Tx } from "../db/tx.ts"
import { openConnector, type OpenConnector } from "../providers/open.ts"
import { record } from "../trail/record.ts"
import { open } from "../vault/seal.ts"
import { preStaged, weChoose } from "./queries.ts"
import { sealContext } from "./rules.ts"
import { tryableGrant } from "./verify.ts"

export interface Revealed {
  readonly secret_id: string
  readonly fingerprint: string
  readonly client_id: string
  readonly client_secret: string
  readonly token_endpoint: string
  readonly issuer: string
}

/** What else must commit with a reveal: lib/rotation counts it as delivery by hand. */
export type OnRevealed = (
  tx: Tx,
  actor: Actor,
  secret: { readonly id: string; readonly clientId: string; readonly providerId: string },
) => Promise<void>

const gone = () =>
  new Refused(
    "already_revealed",
    "This secret was revealed before. Nobody can see it a second time: issue another one by a rotation.",
    { status: 410 },
  )

/**
 * Shows a secret once. The mark, its trail entry and `onRevealed` commit before the value is answered; of two callers one
 * wins. A signed-in user must have proven themselves lately. 403 `step_up_needed`, 404, 409 `secret_not_issued`, 410 `already_revealed`.
 */
export async function revealSecret(
  actor: Actor,
  clientId: string,
  secretId: string,
  onRevealed: OnRevealed,
  openProvider: OpenConnector = openConnector,
): Promise<Revealed> {
  authorize(actor, "secrets:reveal")
  requireFresh(actor)
  const there = await standing(clientId, secretId, openProvider)
  return withTx(async (tx) => {
    const row = await tx.clientSecret.findFirst({
      where: { id: secretId, clientId },
      include: {
        client: { select: { name: true } },
        provider: { select: { issuer: true, tokenEndpoint: true, name: true } },
      },
    })
    if (!row) throw notFound("secret", secretId)
    if (row.revealedAt !== null || row.sealed === null || row.state === "retired") throw gone()
    if (row.remoteId === null && !there.preStaged)
      throw conflict("secret_not_issued", there.notYet, { secret_id: secretId })
    const value = open(row.sealed, sealContext(row))
    const { count } = await tx.clientSecret.updateMany({
      where: { id: secretId, revealedAt: null },
      // A pending one keeps its sealed value until the canary has used it.
      data: {
        revealedAt: new Date(),
        version: { increment: 1 },
        ...(row.state === "pending" ? {} : { sealed: Prisma.DbNull }),
      },
    })
    if (count === 0) throw gone()
    await onRevealed(tx, actor, row)
    await record(tx, {
      actor,
      action: "secret.reveal",
      target: { kind: "client", id: clientId, name: row.client.name },
      after: { secret_id: secretId, fingerprint: row.fingerprint, provider: row.provider.name },
    })
    return {
      secret_id: secretId,
      fingerprint: row.fingerprint,
      client_id: there.clientId,
      client_secret: value.reveal(),
      ...(there.door ?? { token_endpoint: row.provider.tokenEndpoint, issuer: row.provider.issuer }),
    }
  })
}

/** What the connector says of this client and of who chooses its secrets. */
async function standing(clientId: string, secretId: string, openProvider: OpenConnector) {
  const row = await db().clientSecret.findFirst({
    where: { id: secretId, clientId },
    select: { providerId: true, client: { select: { name: true } } },
  })
  if (!row) throw notFound("secret", secretId)
  const { providerId, client } = row
  const connector = await openProvider(providerId)
  const placement = await db().placement.findUnique({
    where: { providerId_kind_key: { providerId, kind: "client", key: client.name } },
    select: { remoteId: true },
  })
  return {
    door: await doorOf(connector, client.name, providerId),
    clientId: placement ? connector.clientIdOf({ key: client.name, remoteId: placement.remoteId }) : client.name,
    preStaged: (await preStaged([secretId], async () => connector)).has(secretId),
    notYet: weChoose(connector)
      ? "This secret is not on its provider yet. Apply the plan, or wait a moment."
      : "The provider chooses this secret, and it is not made yet. Apply the plan, confirm the switch, or wait a moment.",
  }
}

/**
 * Where the client asks for its tokens: a provider with an issuer per audience tells that of the oldest grant on it. Null
 * without a grant there, and where the provider cannot say just now: it must not stand between a person and the secret.
 */
async function doorOf(
  connector: Connector,
  client: string,
  providerId: string,
): Promise<Pick<Revealed, "token_endpoint" | "issuer"> | null> {
  const grant = await tryableGrant(client, providerId)
  if ("why" in grant) return null
  try {
    const { tokenEndpoint, issuer } = await connector.tokenRequest(grant.audience, [grant.scope])
    return { token_endpoint: tokenEndpoint, issuer }
  } catch (error) {
    if (error instanceof ConnectorError) return null
    throw error
  }
}
