import { expect, test } from "vitest"
import { redact } from "./redact.ts"

const secret = "s3cr3t-Value~of.a_client"

test.each([
  `client_secret=${secret}&grant_type=client_credentials`,
  `{"client_secret":"${secret}"}`,
  `{ "old_secret" : "${secret}" }`,
  `Password: ${secret}`,
  `{"kty":"EC","crv":"P-256","d":"${secret}"}`,
  `d=${secret}`,
  `Authorization: Bearer ${secret}`,
  `authorization: basic ${secret}`,
  `-----BEGIN EC PRIVATE KEY-----\n${secret}\n-----END EC PRIVATE KEY-----`,
  `-----BEGIN PRIVATE KEY-----\n${secret}`,
  `the token gty_${secret}`,
])("takes the credential out of %j", (text) => {
  expect(redact(text)).not.toContain("s3cr3t")
  expect(redact(text)).toContain("[redacted")
})

test("takes a token out wherever it stands", () => {
  expect(redact("got eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln from there")).toBe("got [redacted token] from there")
})

test.each([
  "Refused: The database cannot be reached.",
  "It ended: nothing was changed. Applied: 3 of 4 done",
  "invalid_client: Client authentication failed",
  "unavailable: read clients answered 503",
])("leaves %j as it is", (text) => {
  expect(redact(text)).toBe(text)
})
