import { errors, Provider, type Adapter, type AdapterPayload, type ClientAuthMethod, type JWKS } from "oidc-provider"
import { sha256 } from "../../base/digest.ts"
import type { Pool } from "../../db/pool.ts"
import { recordChange } from "./changes.ts"
import { findClient, insertClient } from "./clients.ts"
import { notesOf } from "./notes.ts"
import { insertSecret } from "./secrets.ts"
import { authMethods, clientCreate, clientId } from "./shapes.ts"
import { inTx } from "./store.ts"

/** Stands in the library's metadata where a secret must be. It opens nothing: compareClientSecret looks at client_secret. */
export const secretPlaceholder = "kept-as-digest"

/** The library's storage: clients come from our tables, everything else is an artifact under the digest of its id. */
export function storeAdapter(pool: Pool): (model: string) => Adapter {
  return (model) => (model === "Client" ? clientAdapter(pool) : artifactAdapter(pool, model))
}

const unused = async (): Promise<undefined> => undefined
const neverUsed = { findByUid: unused, findByUserCode: unused, consume: unused, revokeByGrantId: unused }

function clientAdapter(pool: Pool): Adapter {
  return {
    ...neverUsed,
    async find(id) {
      // Nobody has such a name, and Postgres would refuse to look for some of them.
      if (!clientId.safeParse(id).success) return undefined
      const { rows } = await pool.query<{
        display_name: string
        auth_method: ClientAuthMethod
        jwks: JWKS | null
        enabled: boolean
        metadata: object
      }>("select display_name, auth_method, jwks, enabled, metadata from client where client_id = $1", [id])
      const client = rows[0]
      if (!client) return undefined
      if (!client.enabled) {
        const notes = notesOf(Provider.ctx)
        if (notes) notes.clientDisabled = true
        return undefined
      }
      return {
        ...client.metadata,
        client_id: id,
        ...(client.display_name === "" ? {} : { client_name: client.display_name }),
        token_endpoint_auth_method: client.auth_method,
        grant_types: ["client_credentials"],
        response_types: [],
        redirect_uris: [],
        ...(client.auth_method === "private_key_jwt" ? {} : { client_secret: secretPlaceholder }),
        ...(client.jwks ? { jwks: client.jwks } : {}),
      }
    },
    /** Only dynamic registration writes here (RFC 7591, 7592). Grants and secret sets are out of its reach. */
    async upsert(id, payload) {
      const {
        client_id: _id,
        client_name,
        client_secret,
        token_endpoint_auth_method,
        jwks,
        ...metadata
      } = payload as Record<string, unknown>
      const method = authMethods.find((known) => known === token_endpoint_auth_method)
      if (!method) throw new errors.InvalidClientMetadata("token_endpoint_auth_method is not supported")
      const parsed = clientCreate.safeParse({
        client_id: id,
        display_name: typeof client_name === "string" ? client_name : "",
        auth_method: method,
        jwks: jwks ?? null,
      })
      if (!parsed.success)
        throw new errors.InvalidClientMetadata(parsed.error.issues[0]?.message ?? "client metadata is not acceptable")
      const actor = { name: `registration of ${id}` }
      await inTx(pool, async (tx) => {
        const known = await findClient(tx, "client_id", id, "for update")
        if (known) {
          await tx.query(
            `update client set display_name = $2, auth_method = $3, jwks = $4, metadata = $5, revision = revision + 1, updated_at = now() where client_id = $1`,
            [id, parsed.data.display_name, method, jwks ? JSON.stringify(jwks) : null, JSON.stringify(metadata)],
          )
        } else await insertClient(tx, { ...parsed.data, origin: "registration", metadata })
        if (typeof client_secret === "string" && client_secret !== secretPlaceholder) {
          await insertSecret(tx, id, client_secret, { marker: null, expires_at: null })
        }
        await recordChange(tx, actor, known ? "update" : "create", "client", id, [])
      })
    },
    async destroy(id) {
      await inTx(pool, async (tx) => {
        await tx.query("delete from audience_grant where client_id = $1", [id])
        await tx.query("delete from client where client_id = $1 and origin = 'registration'", [id])
        await recordChange(tx, { name: `registration of ${id}` }, "delete", "client", id, [])
      })
    },
  }
}

function artifactAdapter(pool: Pool, model: string): Adapter {
  const once = model === "ReplayDetection"
  return {
    ...neverUsed,
    async upsert(id, payload, expiresIn) {
      const { jti: _jti, ...rest } = payload
      const { rowCount } = await pool.query(
        `insert into artifact (model, digest, payload, expires_at) values ($1, $2, $3, now() + make_interval(secs => $4))
         on conflict (model, digest) do update set payload = excluded.payload, expires_at = excluded.expires_at
         where not $5 or artifact.expires_at <= now()`,
        [model, sha256(id), JSON.stringify(rest), expiresIn ?? null, once],
      )
      // Two uses of one assertion in the same moment: the library's look-up cannot part them, the primary key can.
      if (once && rowCount === 0) throw new errors.InvalidClientAuth("client assertion tokens must only be used once")
    },
    async find(id) {
      const { rows } = await pool.query<{ payload: AdapterPayload }>(
        "select payload from artifact where model = $1 and digest = $2 and (expires_at is null or expires_at > now())",
        [model, sha256(id)],
      )
      return rows[0] ? { ...rows[0].payload, jti: id } : undefined
    },
    async destroy(id) {
      await pool.query("delete from artifact where model = $1 and digest = $2", [model, sha256(id)])
    },
  }
}

/** Removes what has expired. */
export async function sweepArtifacts(pool: Pool): Promise<void> {
  await pool.query("delete from artifact where expires_at < now() - interval '1 minute'")
  await pool.query("delete from revoked_token where expires_at < now() - interval '1 minute'")
}
