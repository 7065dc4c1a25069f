import "server-only"
import type { Actor } from "../auth/actor.ts"

/** Replaced when lib/inspect offers verification against connected providers. */
export async function accessTokenActor(_token: string, _requestId: string): Promise<Actor | null> {
  return null
}
