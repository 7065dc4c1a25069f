import fc from "fast-check"
import type { Window } from "./line.ts"

export const nowMs = Date.parse("2026-11-20T12:00:00Z")
export const window: Window = { nowMs, oldestMs: nowMs - 30 * 86_400_000 }

/** Names that every object has without being given them. */
const inherited = fc.constantFrom("constructor", "__proto__", "toString", "valueOf", "hasOwnProperty")

const odd = fc.oneof(
  inherited,
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
  fc.boolean(),
  fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
)
const field = <T>(usual: fc.Arbitrary<T>) =>
  fc.option(fc.oneof({ weight: 8, arbitrary: usual as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd }), {
    nil: undefined,
  })
const words = fc.oneof({ weight: 9, arbitrary: fc.string({ maxLength: 12 }) }, { weight: 1, arbitrary: inherited })
/** Lines of every field, each usual in most cases, odd in some. */
export const lines = fc.record({
  event: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom<unknown>("token_issued", "token_validated", "token_revoked") },
    { weight: 1, arbitrary: odd },
  ),
  event_id: field(words),
  trace_id: field(words),
  client_id: field(words),
  user_id: field(words),
  grant_type: field(words),
  auth_server: field(words),
  jti: field(words),
  kid: field(words),
  secret_fingerprint: field(words),
  resource: field(fc.string({ unit: "binary" })),
  user_agent: field(fc.string()),
  audience: field(fc.oneof(words, fc.array(words, { maxLength: 2 }))),
  scopes: field(fc.oneof(words, fc.array(fc.oneof(words, fc.record({ rn: words, role: words })), { maxLength: 3 }))),
  validation_result: field(fc.constantFrom("success", "failure")),
  failure_reason: field(words),
  duration_ms: field(fc.nat()),
  expires_in: field(fc.nat()),
  token_type: field(words),
  ip: field(fc.ipV4()),
  timestamp: field(
    fc.date({ min: new Date(window.oldestMs), max: new Date(nowMs), noInvalidDate: true }).map((d) => d.toISOString()),
  ),
  extra: field(fc.dictionary(words, words)),
})
