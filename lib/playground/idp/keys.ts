import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose"
import type { JWKS } from "oidc-provider"
import { conflict, notFound } from "../../base/errors.ts"
import { Secret } from "../../base/secret.ts"
import type { Pool, PoolClient } from "../../db/pool.ts"
import { open, seal, type SealContext } from "../../vault/seal.ts"
import { recordChange, type Actor } from "./changes.ts"
import { inTx } from "./store.ts"

/**
 * One key per algorithm (RFC 8725 section 3.1), in three stages: `published` (in the JWKS, not signing: not yet, or no
 * longer), `signing` (exactly one per algorithm), `retired` (out of the JWKS, private half erased).
 */
export interface KeyRow {
  readonly kid: string
  readonly alg: string
  readonly stage: "published" | "signing" | "retired"
  readonly public_jwk: JWK
  readonly created_at: Date
  readonly signing_since: Date | null
  readonly superseded_at: Date | null
  readonly retired_at: Date | null
}

const columns = "kid, alg, stage, public_jwk, created_at, signing_since, superseded_at, retired_at"
const firstAlgs = ["RS256", "PS256", "ES256", "EdDSA"] as const
const rsaBits = 2_048
/** No token of ours lives longer than a day (shapes.ts), and verifiers may keep a key set for an hour. */
const longestUseMs = 25 * 3_600_000

const context = (kid: string): SealContext => ({ of: "local-idp signing key", kid })

export async function listKeys(pool: Pool): Promise<readonly KeyRow[]> {
  const { rows } = await pool.query<KeyRow>(`select ${columns} from signing_key order by created_at, kid`)
  return rows
}

async function insertKey(tx: PoolClient, kek: Buffer, alg: string, stage: "published" | "signing"): Promise<KeyRow> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: rsaBits })
  const kid = await calculateJwkThumbprint(await exportJWK(pair.publicKey))
  const publicJwk = { ...(await exportJWK(pair.publicKey)), kid, alg, use: "sig" }
  const privateJwk = { ...(await exportJWK(pair.privateKey)), kid, alg, use: "sig" }
  const { rows } = await tx.query<KeyRow>(
    `insert into signing_key (kid, alg, public_jwk, sealed, stage, signing_since) values ($1, $2, $3, $4, $5, case when $5 = 'signing' then now() end)
     returning ${columns}`,
    [
      kid,
      alg,
      JSON.stringify(publicJwk),
      JSON.stringify(seal(new Secret(JSON.stringify(privateJwk)), context(kid), kek)),
      stage,
    ],
  )
  const made = rows[0]
  if (!made) throw new Error("an insert answered no row")
  return made
}

/** Makes the missing signing keys: the usual algorithms, and those that audiences ask for. Answers whether one was made. */
export async function ensureKeys(pool: Pool, kek: Buffer): Promise<boolean> {
  return await inTx(pool, async (tx) => {
    await tx.query("lock table signing_key in share row exclusive mode")
    const { rows } = await tx.query<{ alg: string }>(
      `select alg from (select unnest($1::text[]) as alg union select signing_alg from audience where token_format = 'jwt') wanted
       where not exists (select 1 from signing_key k where k.alg = wanted.alg and k.stage = 'signing') order by alg`,
      [firstAlgs],
    )
    for (const { alg } of rows) await insertKey(tx, kek, alg, "signing")
    return rows.length > 0
  })
}

/** Private keys for the library, the signing ones first: it signs with the first that fits. Throws CannotOpen under a wrong key. */
export async function privateKeySet(pool: Pool, kek: Buffer): Promise<JWKS> {
  const { rows } = await pool.query<{ kid: string; sealed: unknown }>(
    "select kid, sealed from signing_key where stage <> 'retired' order by (stage = 'signing') desc, created_at, kid",
  )
  return {
    keys: rows.map(({ kid, sealed }) => JSON.parse(open(sealed, context(kid), kek).reveal()) as JWKS["keys"][number]),
  }
}

/** Stage one: a new key in the JWKS that signs nothing yet. Verifiers learn it before its first use. */
export async function publishKey(pool: Pool, kek: Buffer, actor: Actor, alg: string): Promise<KeyRow> {
  return await inTx(pool, async (tx) => {
    const made = await insertKey(tx, kek, alg, "published")
    await recordChange(tx, actor, "create", "key", made.kid, [{ field: "stage", from: null, to: "published" }])
    return made
  })
}

/** Stage two: it signs; the one before it stays published, so that its tokens still verify. */
export async function promoteKey(pool: Pool, actor: Actor, kid: string): Promise<KeyRow> {
  return await inTx(pool, async (tx) => {
    const key = await lockKey(tx, kid)
    if (key.stage !== "published")
      throw conflict("not_published", `This key is ${key.stage}. Only a published key can start to sign.`)
    await tx.query(
      "update signing_key set stage = 'published', superseded_at = now() where alg = $1 and stage = 'signing'",
      [key.alg],
    )
    const { rows } = await tx.query<KeyRow>(
      `update signing_key set stage = 'signing', signing_since = now(), superseded_at = null where kid = $1 returning ${columns}`,
      [kid],
    )
    await recordChange(tx, actor, "promote", "key", kid, [{ field: "stage", from: "published", to: "signing" }])
    return rows[0] ?? key
  })
}

/** Stage three: out of the JWKS, private half erased. Refused while tokens of it may live, unless forced. */
export async function retireKey(pool: Pool, actor: Actor, kid: string, force: boolean, now: Date): Promise<KeyRow> {
  return await inTx(pool, async (tx) => {
    const key = await lockKey(tx, kid)
    if (key.stage === "retired") return key
    if (key.stage === "signing")
      throw conflict("key_signs", "This key signs. Promote another one of its algorithm first.")
    const inUseUntil = key.superseded_at ? new Date(key.superseded_at.getTime() + longestUseMs) : null
    if (!force && inUseUntil && inUseUntil > now) {
      throw conflict(
        "key_in_use",
        `Tokens signed by this key may live until ${inUseUntil.toISOString()}. Wait, or send force.`,
        { until: inUseUntil },
      )
    }
    const { rows } = await tx.query<KeyRow>(
      `update signing_key set stage = 'retired', retired_at = now(), sealed = null where kid = $1 returning ${columns}`,
      [kid],
    )
    await recordChange(tx, actor, "retire", "key", kid, [{ field: "stage", from: key.stage, to: "retired" }])
    return rows[0] ?? key
  })
}

async function lockKey(tx: PoolClient, kid: string): Promise<KeyRow> {
  const { rows } = await tx.query<KeyRow>(`select ${columns} from signing_key where kid = $1 for update`, [kid])
  const key = rows[0]
  if (!key) throw notFound("key", kid)
  return key
}
