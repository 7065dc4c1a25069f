import { randomBytes, timingSafeEqual } from "node:crypto"
import type { z } from "zod"
import { sha256 } from "../../base/digest.ts"
import { conflict, notFound } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import type { Pool, PoolClient } from "../../db/pool.ts"
import { recordChange, type Actor } from "./changes.ts"
import { findClient } from "./clients.ts"
import type { secretCreate, SecretRow } from "./shapes.ts"
import { inTx } from "./store.ts"

/** More live secrets than this on one client is a leak in somebody's rotation. */
export const liveSecretsMax = 10

const columns = "id, fingerprint, marker, created_at, expires_at, last_used_at, retired_at"

export async function listSecrets(pool: Pool, client: string, all: boolean): Promise<readonly SecretRow[]> {
  const { rows } = await pool.query<SecretRow>(
    `select ${columns} from client_secret where client_id = $1 and ($2 or retired_at is null) order by created_at, id`,
    [client, all],
  )
  return rows
}

/**
 * Adds a secret beside the others. The same marker with the same value is the same secret, however often it is sent; the
 * same marker with another value is 409. A value that the provider made is answered here and never again.
 */
export async function addSecret(
  pool: Pool,
  actor: Actor,
  client: string,
  input: z.output<typeof secretCreate>,
): Promise<{ secret: SecretRow; value: string | null; created: boolean }> {
  return await inTx(pool, async (tx) => {
    if (!(await findClient(tx, "client_id", client, "for update"))) throw notFound("client", client)
    const value = input.value ?? randomBytes(32).toString("base64url")
    const digest = sha256(value)
    const same = await tx.query<SecretRow & { sha256: Buffer }>(
      `select ${columns}, sha256 from client_secret where client_id = $1 and (marker = $2 or sha256 = $3)`,
      [client, input.marker, digest],
    )
    for (const { sha256: kept, ...secret } of same.rows) {
      if (secret.retired_at)
        throw conflict("secret_retired", "This secret or its marker was used and retired. Send a new one.")
      if (secret.marker !== input.marker || !kept.equals(digest))
        throw conflict("secret_in_use", "This marker or this value belongs to another secret.")
      return { secret, value: null, created: false }
    }
    const live = await tx.query(
      "select 1 from client_secret where client_id = $1 and retired_at is null and (expires_at is null or expires_at > now())",
      [client],
    )
    if ((live.rowCount ?? 0) >= liveSecretsMax)
      throw conflict("too_many_secrets", `This client has ${liveSecretsMax} live secrets. Retire one first.`)
    const secret = await insertSecret(tx, client, value, input)
    await recordChange(tx, actor, "issue", "secret", client, [
      { field: "fingerprint", from: null, to: secret.fingerprint },
    ])
    return { secret, value: input.value === undefined ? value : null, created: true }
  })
}

/** The row itself, for both doors: the admin API and RFC 7591 registration. */
export async function insertSecret(
  tx: PoolClient,
  client: string,
  value: string,
  input: { fingerprint?: string | undefined; marker: string | null; expires_at: string | null },
): Promise<SecretRow> {
  const fingerprint = input.fingerprint ?? `sha256:${sha256(`fingerprint ${value}`).toString("hex").slice(0, 16)}`
  const { rows } = await tx.query<SecretRow>(
    `insert into client_secret (id, client_id, sha256, fingerprint, marker, expires_at) values ($1, $2, $3, $4, $5, $6) returning ${columns}`,
    [newId(), client, sha256(value), fingerprint, input.marker, input.expires_at],
  )
  const made = rows[0]
  if (!made) throw new Error("an insert answered no row")
  return made
}

/** Ends exactly one secret. 404 when it is not there or already retired. */
export async function retireSecret(pool: Pool, actor: Actor, client: string, id: string): Promise<void> {
  await inTx(pool, async (tx) => {
    const { rows } = await tx.query<{ fingerprint: string }>(
      "update client_secret set retired_at = now() where client_id = $1 and id = $2 and retired_at is null returning fingerprint",
      [client, id],
    )
    const gone = rows[0]
    if (!gone) throw notFound("live secret", id)
    await recordChange(tx, actor, "retire", "secret", client, [
      { field: "fingerprint", from: gone.fingerprint, to: null },
    ])
  })
}

/** Which secret a presented value is, and whether it still opens the door. */
export interface Presented {
  readonly id: string
  readonly fingerprint: string
  readonly is: "live" | "expired" | "retired"
}

/** Compares with every secret of the client, without an early exit. Null: none of them. */
export async function matchSecret(pool: Pool, client: string, given: string): Promise<Presented | null> {
  const { rows } = await pool.query<{ id: string; fingerprint: string; sha256: Buffer; is: Presented["is"] }>(
    `select id, fingerprint, sha256,
       case when retired_at is not null then 'retired' when expires_at <= now() then 'expired' else 'live' end as is
     from client_secret where client_id = $1`,
    [client],
  )
  const digest = sha256(given)
  let hit: Presented | null = null
  for (const row of rows)
    if (timingSafeEqual(row.sha256, digest)) hit = { id: row.id, fingerprint: row.fingerprint, is: row.is }
  return hit
}

/** At most one write per secret and second, whatever the token rate. */
export async function touchSecret(tx: PoolClient, id: string): Promise<void> {
  await tx.query(
    "update client_secret set last_used_at = now() where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 second')",
    [id],
  )
}
