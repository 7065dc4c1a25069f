import { z } from "zod"
import { limits } from "./limits.ts"
import { isCleanWord } from "./text.ts"
import { parseTimestamp } from "./timestamp.ts"
import { eventNames } from "./words.ts"

const wordText = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= limits.wordBytes, { error: "too_long" })
  .refine(isCleanWord, { error: "bad_characters" })
const word = wordText.nullish()

const scopeName = z.union([
  z.string(),
  z.looseObject({ rn: z.string(), role: z.string() }).transform(({ rn, role }) => `${rn}:${role}`),
])
const scopes = z
  .union([z.string().transform((text) => text.split(/\s+/)), z.array(scopeName)])
  .transform((names) => [...new Set(names.filter((name) => name !== ""))])
  .pipe(
    z.array(z.string().refine((n) => Buffer.byteLength(n) <= limits.wordBytes && isCleanWord(n))).max(limits.scopes),
  )
  .nullish()

/**
 * The line of contract section 6, as documentation and as the measure of `validateLine`: both accept the same lines
 * (times apart, which depend on the clock). Unknown fields are kept.
 */
export const eventLine = z.looseObject({
  event: z.enum(eventNames),
  event_id: word,
  timestamp: z
    .string()
    .refine((text) => parseTimestamp(text) !== null, { error: "bad_timestamp" })
    .nullish(),
  trace_id: word,
  client_id: word,
  user_id: word,
  grant_type: word,
  audience: z.union([wordText, z.array(wordText)]).nullish(),
  auth_server: word,
  jti: word,
  kid: word,
  secret_fingerprint: word,
  scopes,
  scope: z.unknown().optional(),
  scp: z.unknown().optional(),
  validation_result: z.enum(["success", "failure"]).nullish(),
  failure_reason: z.string().nullish(),
  duration_ms: z.number().min(0).max(1e9).nullish(),
  expires_in: z.int().min(0).max(0x7fffffff).nullish(),
  resource: z.string().nullish(),
  user_agent: z.string().nullish(),
  token_type: z.unknown().optional(),
  ip: z.unknown().optional(),
})
