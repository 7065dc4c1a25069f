/** Takes what looks like a credential out of free text: provider error bodies, log lines. Best effort on top of never putting one in. */
const patterns: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi, "$1 [redacted]"],
  [/\bey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){0,2}/g, "[redacted token]"],
  [/\bgty_[A-Za-z0-9_-]{8,}/g, "[redacted API token]"],
  [
    /("?(?:client_secret|clientSecret|secret|password|access_token|refresh_token|registration_access_token|client_assertion|private_key|token|(?<!\w)d)"?\s*[:=]\s*)("[^"]*"|[^\s&,}]+)/gi,
    "$1[redacted]",
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[redacted private key]"],
]

/** The text with every credential in it made unreadable. */
export function redact(text: string): string {
  let clean = text
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement)
  return clean
}

/** What a log may hold of an error that nobody expected: its stack, redacted. */
export const redactError = (error: unknown): string =>
  redact(error instanceof Error ? (error.stack ?? error.message) : String(error))
