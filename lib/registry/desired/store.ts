import "server-only"
import { z } from "zod"
import type { Json } from "../../base/json.ts"
import type { DesiredObject } from "../../connectors/objects.ts"
import { db } from "../../db/client.ts"
import { desired } from "./desired.ts"

const client = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string(),
  owner: z.string(),
  auth_method: z.string(),
  jwks: z.unknown().transform((v) => (v ?? null) as Json),
  enabled: z.boolean(),
})
const audience = z.object({
  id: z.string(),
  identifier: z.string(),
  name: z.string(),
  token_ttl_seconds: z.number(),
  token_format: z.string(),
  signing_alg: z.string(),
  scopes: z.array(z.object({ name: z.string(), description: z.string() })),
})
const grant = z.object({
  client_id: z.string(),
  audience_id: z.string(),
  scopes: z.array(z.string()),
  expires_at: z.date().nullable(),
})

/**
 * What the registry wants on a provider at `now`, for the planner. Clients that ask for the provider; audiences that ask
 * for it or have a grant by such a client (a grant past its end keeps its audience until the grant is deleted, so that
 * an end date alone never takes an API away); grants of such clients. One snapshot: no half-written change is seen.
 */
export async function desiredState(providerId: string, now: Date): Promise<DesiredObject[]> {
  const [clients, audiences, grants] = await db().$transaction(
    [
      db().$queryRaw`
        select c.id::text as id, c.name, c.display_name, c.owner, c.auth_method, c.jwks, c.enabled
        from client c join client_provider cp on cp.client_id = c.id where cp.provider_id = ${providerId}::uuid`,
      db().$queryRaw`
        select a.id::text as id, a.identifier, a.name, a.token_ttl_seconds, a.token_format, a.signing_alg,
          coalesce((select jsonb_agg(jsonb_build_object('name', s.name, 'description', s.description)) from scope s where s.audience_id = a.id), '[]') as scopes
        from audience a where a.id in (
          select ap.audience_id from audience_provider ap where ap.provider_id = ${providerId}::uuid
          union select g.audience_id from audience_grant g join client_provider cp on cp.client_id = g.client_id where cp.provider_id = ${providerId}::uuid)`,
      db().$queryRaw`
        select g.client_id::text as client_id, g.audience_id::text as audience_id, g.expires_at, array_agg(s.name) as scopes
        from audience_grant g
        join client_provider cp on cp.client_id = g.client_id and cp.provider_id = ${providerId}::uuid
        join grant_scope gs on gs.grant_id = g.id join scope s on s.id = gs.scope_id
        group by g.id`,
    ],
    { isolationLevel: "RepeatableRead" },
  )
  return desired(
    {
      clients: z.array(client).parse(clients),
      audiences: z.array(audience).parse(audiences),
      grants: z.array(grant).parse(grants),
    },
    now,
  )
}
