import "server-only"
import { hmacSha256 } from "../base/digest.ts"
import { conflict, invalid } from "../base/errors.ts"
import { canonicalJson } from "../base/json.ts"
import { minuteMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { isUniqueViolation } from "../db/trouble.ts"
import { Prisma } from "../db/tx.ts"
import { deriveKey, kek } from "../vault/key.ts"

interface Keyed {
  readonly actor: string
  readonly route: string
  readonly key: string
  readonly body: unknown
  readonly mode: "replay" | "once"
}

/** The headers of the first answer that a replay repeats. */
const replayed = ["etag", "location"] as const
/** A run that never ended (the process died) frees its key after this time. */
const inFlightMs = 5 * minuteMs

/**
 * Runs a POST once per (actor, route, Idempotency-Key). Only success is kept: a refused request may be corrected and sent
 * again under the same key. reliability.md 4.3.
 */
export async function once(call: Keyed, run: () => Promise<Response>): Promise<Response> {
  if (call.key.length === 0 || call.key.length > 255)
    throw invalid("Idempotency-Key", "bad_length", "The key has 1 to 255 characters.")
  const id = { actor: call.actor, route: call.route, key: call.key }
  // Keyed: a body may hold a password, and whoever reads the table must not be able to try guesses on it.
  const bodyHash = Uint8Array.from(hmacSha256(deriveKey(kek(), "request"), canonicalJson(call.body ?? null)))
  await db().idempotencyKey.deleteMany({
    where: { ...id, status: null, createdAt: { lt: new Date(Date.now() - inFlightMs) } },
  })
  try {
    await db().idempotencyKey.create({ data: { ...id, bodyHash } })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return await replay(id, bodyHash, call.mode)
  }
  const forget = () => db().idempotencyKey.deleteMany({ where: id })
  try {
    const response = await run()
    if (response.status >= 300) {
      await forget()
      return response
    }
    const body =
      call.mode === "once" || response.status === 204
        ? null
        : ((await response.clone().json()) as Prisma.InputJsonValue)
    const headers = Object.fromEntries(replayed.map((name) => [name, response.headers.get(name)]))
    await db().idempotencyKey.update({
      where: { actor_route_key: id },
      data: { status: response.status, response: { body, headers } },
    })
    return response
  } catch (error) {
    await forget().catch(() => {})
    throw error
  }
}

async function replay(
  id: { actor: string; route: string; key: string },
  bodyHash: Uint8Array,
  mode: "replay" | "once",
): Promise<Response> {
  const row = await db().idempotencyKey.findUnique({ where: { actor_route_key: id } })
  if (!row || row.status === null)
    throw conflict("idempotency_in_flight", "A request with this Idempotency-Key is still running.")
  if (!Buffer.from(row.bodyHash).equals(bodyHash))
    throw conflict("idempotency_mismatch", "This Idempotency-Key was used with another body.")
  if (mode === "once")
    throw conflict("already_answered", "This request was carried out; its answer held a secret and is shown once only.")
  const stored = row.response as {
    body: unknown
    headers: Partial<Record<(typeof replayed)[number], string | null>>
  } | null
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "cache-control": "private, no-store",
    "idempotency-replayed": "true",
  }
  for (const name of replayed) {
    const value = stored?.headers[name]
    if (value) headers[name] = value
  }
  return new Response(row.status === 204 ? null : JSON.stringify(stored?.body ?? null), { status: row.status, headers })
}
