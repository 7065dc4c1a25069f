import type { IncomingMessage } from "node:http"
import type { Verified } from "../../oauth/verifier.ts"

/** On whose behalf a request runs. */
export interface Identity {
  readonly client: string
  readonly subject: string
}

const clientHeader = "x-client-id"
const subjectHeader = "x-subject"
const scopesHeader = "x-scopes"

/** What passes the gateway from outside; everything else is left behind, identity headers first of all. */
const forwarded = ["traceparent", "accept", "user-agent"] as const

/** The headers of an upstream request: a short list from the caller, and the claims of the token that was verified here. */
export function upstreamHeaders(inbound: IncomingMessage["headers"], access: Verified): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of forwarded) {
    const value = inbound[name]
    if (typeof value === "string") headers[name] = value
  }
  return {
    ...headers,
    [clientHeader]: access.caller ?? "",
    [subjectHeader]: access.subject ?? "",
    [scopesHeader]: access.scopes.join(" "),
  }
}

/**
 * Who asks. Identity headers count only from the gateway, known by its verified token; from anybody else they are what
 * the caller likes to say, and the token's own claims decide.
 */
export function onBehalfOf(access: Verified, headers: IncomingMessage["headers"], gatewayClient: string): Identity {
  const own = { client: access.caller ?? "", subject: access.subject ?? "" }
  if (access.caller !== gatewayClient) return own
  const { [clientHeader]: client, [subjectHeader]: subject } = headers
  return typeof client === "string" && typeof subject === "string" ? { client, subject } : own
}
