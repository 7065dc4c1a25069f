import type { z } from "zod"
import { conflict, Invalid, notFound, staleEtag } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import type { Pool, PoolClient } from "../../db/pool.ts"
import { difference, recordChange, type Actor } from "./changes.ts"
import type { Client, clientCreate, clientPatch } from "./shapes.ts"
import { hasCode, inTx } from "./store.ts"

const columns =
  "id, client_id, display_name, owner, auth_method, jwks, enabled, marker, origin, revision, created_at, updated_at"

export async function findClient(
  db: Pool | PoolClient,
  by: "id" | "client_id",
  value: string,
  lock = "",
): Promise<Client | null> {
  const { rows } = await db.query<Client>(`select ${columns} from client where ${by} = $1 ${lock}`, [value])
  return rows[0] ?? null
}

/** 409 `client_id_taken` when there is one of that name. */
export async function createClient(pool: Pool, actor: Actor, input: z.output<typeof clientCreate>): Promise<Client> {
  return await inTx(pool, async (tx) => {
    const made = await insertClient(tx, { ...input, origin: "admin", metadata: {} })
    await recordChange(tx, actor, "create", "client", made.client_id, difference({}, input))
    return made
  })
}

/** The row itself, for both doors: the admin API and RFC 7591 registration. */
export async function insertClient(
  tx: PoolClient,
  input: z.output<typeof clientCreate> & { origin: Client["origin"]; metadata: object },
): Promise<Client> {
  try {
    const { rows } = await tx.query<Client>(
      `insert into client (id, client_id, display_name, owner, auth_method, jwks, enabled, marker, origin, metadata)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${columns}`,
      [
        newId(),
        input.client_id,
        input.display_name,
        input.owner,
        input.auth_method,
        input.jwks === null ? null : JSON.stringify(input.jwks),
        input.enabled,
        input.marker,
        input.origin,
        JSON.stringify(input.metadata),
      ],
    )
    const made = rows[0]
    if (!made) throw new Error("an insert answered no row")
    return made
  } catch (error) {
    if (hasCode(error, ["23505"]))
      throw conflict("client_id_taken", `There is a client ${input.client_id} already.`, { client_id: input.client_id })
    throw error
  }
}

/** Changes the given fields only. `ifMatch` is the expected revision. */
export async function updateClient(
  pool: Pool,
  actor: Actor,
  id: string,
  patch: z.output<typeof clientPatch>,
  ifMatch: number | null,
): Promise<Client> {
  return await inTx(pool, async (tx) => {
    const before = await findClient(tx, "id", id, "for update")
    if (!before) throw notFound("client", id)
    if (ifMatch !== null && ifMatch !== before.revision) throw staleEtag(`"${before.revision}"`)
    const next = { ...before, ...patch }
    if (next.auth_method === "private_key_jwt" && !next.jwks) {
      throw new Invalid([{ path: "jwks", code: "required", message: "private_key_jwt needs at least one public key" }])
    }
    const moved = difference(before, patch)
    if (moved.length === 0) return before
    const { rows } = await tx.query<Client>(
      `update client set display_name = $2, owner = $3, auth_method = $4, jwks = $5, enabled = $6, marker = $7,
         revision = revision + 1, updated_at = now() where id = $1 returning ${columns}`,
      [
        id,
        next.display_name,
        next.owner,
        next.auth_method,
        next.jwks === null ? null : JSON.stringify(next.jwks),
        next.enabled,
        next.marker,
      ],
    )
    await recordChange(tx, actor, "update", "client", before.client_id, moved)
    return rows[0] ?? before
  })
}

/** 409 `has_grants` while a grant hangs on it. Its secrets go with it. */
export async function deleteClient(pool: Pool, actor: Actor, id: string, ifMatch: number | null): Promise<void> {
  await inTx(pool, async (tx) => {
    const before = await findClient(tx, "id", id, "for update")
    if (!before) throw notFound("client", id)
    if (ifMatch !== null && ifMatch !== before.revision) throw staleEtag(`"${before.revision}"`)
    try {
      await tx.query("delete from client where id = $1", [id])
    } catch (error) {
      if (hasCode(error, ["23503"]))
        throw conflict("has_grants", `Grants hang on the client ${before.client_id}. Delete them first.`)
      throw error
    }
    await recordChange(tx, actor, "delete", "client", before.client_id, [])
  })
}
