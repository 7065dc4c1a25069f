import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { notFound } from "../base/errors.ts"
import { outgoing } from "../base/http.ts"
import { keySetCache, type KeySetCache } from "./jwks.ts"
import type { InspectRequest } from "./schema.ts"
import { registryReads } from "./store.ts"
import { judgeToken, type InspectAnswer } from "./verdict.ts"

/** Next bundles routes apart, so the cache of key sets, one per process, lives on globalThis. */
const shared = globalThis as typeof globalThis & { grantryKeySets?: KeySetCache }

/** The process's cache of issuers' key sets, over the guarded fetch. */
export const keySets = (): KeySetCache =>
  (shared.grantryKeySets ??= keySetCache(
    (url, init) => outgoing()(url, init),
    () => Date.now(),
  ))

/**
 * Verdict on a token for a person or a script (contract.md section 7). Needs `tokens:inspect`. The token is neither
 * stored nor logged, and no event comes of it. Throws Refused 403, 404 for an unknown `provider_id`.
 */
export async function inspect(actor: Actor, request: InspectRequest): Promise<InspectAnswer> {
  authorize(actor, "tokens:inspect")
  const { provider_id: id } = request
  const provider = id === undefined ? null : await registryReads.provider(id)
  if (id !== undefined && provider === null) throw notFound("provider", id)
  return judgeToken(request, provider, { registry: registryReads, keySets: keySets() }, Date.now())
}
