/** The ways in which the fleet calls wrongly, so that the failures that the pages explain are real ones. */
export const misuses = [
  "wrong_audience",
  "missing_scope",
  "grpc_unauthenticated",
  "role_missing",
  "tampered_signature",
  "grpc_permission_denied",
  "bearer_missing",
  "expired",
] as const
export type Misuse = (typeof misuses)[number]

/**
 * Which misuse a call is, if any: every `every`-th one, the kinds in turn. `expired` waits for a token that has really
 * expired; until there is one its turn goes to the next kind.
 */
export function misuseOf(call: number, every: number, hasExpired: boolean): Misuse | undefined {
  if (every <= 0 || call % every !== 0) return undefined
  const kinds = hasExpired ? misuses : misuses.filter((kind) => kind !== "expired")
  return kinds[(call / every - 1) % kinds.length]
}

/** The token with one more scope in it, and the old signature. */
export function tampered(token: string): string {
  const [header = "", payload = "", signature = ""] = token.split(".")
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, unknown>
  const scope = typeof claims["scope"] === "string" ? claims["scope"] : ""
  const forged = Buffer.from(JSON.stringify({ ...claims, scope: `${scope} payments:admin`.trim() })).toString(
    "base64url",
  )
  return `${header}.${forged}.${signature}`
}

/** Keeps one token aside until it is past its end and every tolerance (60 s), then hands it out, and takes a new one. */
export function expiredStash(now: () => number) {
  let kept: { token: string; expiresAtMs: number } | undefined
  const isExpired = () => kept !== undefined && now() > kept.expiresAtMs + 61_000
  return {
    offer(token: string, expiresAtMs: number): void {
      kept ??= { token, expiresAtMs }
    },
    hasExpired: isExpired,
    take(): string | undefined {
      if (!isExpired()) return undefined
      const { token } = kept ?? {}
      kept = undefined
      return token
    },
  }
}
