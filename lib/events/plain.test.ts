import fc from "fast-check"
import { expect, test } from "vitest"
import { readPlain } from "./plain.ts"
import { isRejection, validateCarefully } from "./validate.ts"

const nowMs = Date.parse("2026-11-20T12:00:00Z")
const window = { nowMs, oldestMs: nowMs - 30 * 86_400_000 }

const word = fc.oneof(
  { weight: 60, arbitrary: fc.stringMatching(/^[a-z0-9 :/._,\]é-]{1,14}$/) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom("", "x".repeat(171)) },
)
const text = <T>(usual: fc.Arbitrary<T>) =>
  fc.option(
    fc.oneof(
      { weight: 60, arbitrary: usual as fc.Arbitrary<unknown> },
      { weight: 1, arbitrary: fc.oneof(word, fc.jsonValue({ maxDepth: 1 })) },
    ),
    { nil: undefined },
  )
const list = fc.array(word, { maxLength: 3 })
const fields = fc.record(
  {
    event: text(fc.constantFrom("token_issued", "token_validated", "token_revoked")),
    event_id: text(word),
    trace_id: text(word),
    client_id: text(word),
    user_id: text(fc.constant(null)),
    grant_type: text(word),
    auth_server: text(word),
    jti: text(word),
    kid: text(word),
    secret_fingerprint: text(word),
    resource: text(word),
    user_agent: text(word),
    audience: text(word),
    scopes: text(list),
    scope: fc.option(list, { nil: undefined, freq: 9 }),
    validation_result: text(fc.constantFrom("success", "failure", "failure", "failure")),
    failure_reason: text(fc.constantFrom("expired", "expired", "invalid_audience", "EXPIRED", "odd")),
    duration_ms: text(
      fc.oneof(
        fc.nat(),
        fc.double({ min: 0, max: 1e9, noNaN: true }).map((n) => Math.round(n * 1e3) / 1e3),
        fc.nat(9_999).map((n) => n / 100),
      ),
    ),
    expires_in: text(fc.nat()),
    token_type: text(fc.constantFrom("access", "refresh", "id", "access", "refresh", "id", "bearer")),
    ip: text(fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant("010.0.0.1"))),
    timestamp: text(
      fc.integer({ min: window.oldestMs - 1_000, max: nowMs + 86_401_000 }).map((ms) => new Date(ms).toISOString()),
    ),
  },
  { requiredKeys: ["event"] },
)

/** Ways in which senders print the same object, and some in which it is not JSON. */
const printed = fc.tuple(fields, fc.integer({ min: 0, max: 30 }), fc.nat(400)).map(([object, way, at]) => {
  const members = Object.entries(object)
    .filter(([, v]) => v !== undefined)
    .map(([k, v]) => [JSON.stringify(k), JSON.stringify(v)] as const)
  const compact = `{${members.map((m) => m.join(":")).join(",")}}`
  if (way < 12) return compact
  if (way < 18) return `{${members.map(([k, v]) => `${k}: ${v?.replaceAll('","', '", "')}`).join(", ")}}`
  if (way < 22)
    return `{${members
      .toReversed()
      .map((m) => m.join(":"))
      .join(",")}}`
  if (way === 22) return `{${[...members, ...members.slice(0, 1)].map((m) => m.join(":")).join(",")}}`
  if (way === 23) return compact.replace(/(\d)([,}])/, "$1.0$2")
  if (way === 24) return compact.replace(/":/, '" :')
  if (way === 25) return compact.slice(0, -1).concat(",}")
  if (way === 26) return compact.replace(/"([a-z])/, '"\\u0061$1')
  if (way === 27) return compact.replace(/:(\d)/, ":0$1")
  return compact.slice(0, at % compact.length) + compact.slice((at % compact.length) + 1)
})

test("the quick way says of a line what the careful way says of it, or leaves it to that", () => {
  let quick = 0
  fc.assert(
    fc.property(printed, (line) => {
      const found = readPlain(line, window)
      if (found === null) return
      quick++
      expect({ line, found }).toEqual({ line, found: validateCarefully(line, window) })
    }),
    { numRuns: 6_000 },
  )
  expect(quick).toBeGreaterThan(200)
})

test("a refused line is never read the quick way", () => {
  fc.assert(
    fc.property(
      printed,
      (line) => void (isRejection(validateCarefully(line, window)) && expect(readPlain(line, window)).toBeNull()),
    ),
    { numRuns: 3_000 },
  )
})

test.each([
  '{"event":"token_validated","timestamp":"2026-11-20T11:00:00.5Z","trace_id":"abc123","client_id":"order-service","user_id":null,"scopes":["payments:write"],"audience":"https://payment-service.internal","validation_result":"failure","failure_reason":"expired","auth_server":"keycloak","duration_ms":5,"resource":"POST /api/payments/charge"}',
  '{"event": "token_issued", "client_id": "a", "scopes": ["b", "c"], "expires_in": 3600, "ip": "10.0.0.7"}',
])("the usual line goes the quick way: %s", (line) =>
  expect(readPlain(line, window)).toEqual(validateCarefully(line, window)),
)

/** Numbers and lists whose canonical form is not what was written, and texts that look like the end of something. */
test.each([
  '"duration_ms":1.50',
  '"duration_ms":1.0',
  '"duration_ms":0.5',
  '"duration_ms":0.0000001',
  '"duration_ms":1234567890123456',
  '"duration_ms":05',
  '"duration_ms":1.',
  '"duration_ms":-0',
  '"duration_ms":1e3',
  '"expires_in":60.5',
  '"expires_in":2147483648',
  '"scopes":["a","b","a"]',
  '"scopes":["a",  "b"]',
  '"scopes":["a]","b"]',
  '"scopes":["x, y"]',
  '"scopes":[]',
  '"scopes":[""]',
  '"scopes":["a",1]',
  '"scopes":["a"',
  '"scope":"a b"',
  '"scopes":["a"],"scp":["b"]',
  '"client_id":""',
  '"client_id":"a","client_id":"b"',
  '"client_id":"é"',
  '"resource":"a}b,{c"',
  '"user_id":null',
  '"user_id":nul',
  '"ip":"1.2.3.04"',
  '"ip":"256.1.1.1"',
  '"ip":"::1"',
  '"ip":"fe80::1%eth0"',
  '"failure_reason":"Expired"',
  '"failure_reason":"invalid_audience"',
  '"validation_result":"success","failure_reason":"expired"',
  '"failure_reason":""',
  '"kid" :"a"',
  '"kid":"a" ',
  '"kid":  "a"',
  '"kid":"a",',
  '"kid":"\\u0061"',
  '"kid":"a\u007f"',
  '"kid":"a\ud800"',
  '"timestamp":"2026-11-19T23:59:60Z"',
  '"timestamp":"2026-11-20T12:10:00Z"',
  '"timestamp":"2026-11-20"',
  '"constructor":"x"',
  '"__proto__":"x"',
])("%s: the quick way agrees or keeps away", (member) => {
  const line = `{"event":"token_validated",${member}}`
  const found = readPlain(line, window)
  if (found !== null) expect(found).toEqual(validateCarefully(line, window))
  // The same with an order of members that was seen before.
  const again = readPlain(line, window)
  expect(again).toEqual(found)
})
