import "server-only"
import type { Actor } from "../auth/actor.ts"
import { isPermission } from "../auth/permissions.ts"
import { accessTokenHolder } from "../inspect/access.ts"
import { runtime } from "../runtime.ts"

/** The caller behind an access token whose audience is Grantry's public address; its scopes are its permissions. */
export async function accessTokenActor(token: string, requestId: string): Promise<Actor | null> {
  const holder = await accessTokenHolder(token, runtime().env.publicUrl)
  if (!holder) return null
  return {
    kind: "client",
    id: holder.clientId,
    name: holder.clientName,
    permissions: new Set(holder.scopes.filter(isPermission)),
    sourceId: null,
    authenticatedAt: null,
    requestId,
  }
}
