/** What the contract is run with, against whichever server with dynamic registration. */
import type { GuardedFetch } from "../../base/http.ts"
import { basic } from "../../oauth/client-auth.ts"
import type { ContractSamples } from "../contract-subject.ts"
import { testOpened } from "../memory.fixture.ts"
import type { Connector, TokenRequest } from "../port.ts"
import { objects, other, publicKey, withFields } from "../samples.fixture.ts"
import { openOidc } from "./oidc.ts"

export const oidcSamples: ContractSamples = {
  ...objects,
  client: withFields(objects.client, { owner: "team-orders@example.com" }),
  other: {
    audience: { scopes: ["payments:read", "payments:refund", "payments:write"] },
    client: {
      display_name: other.client.display_name,
      owner: "team-b@example.com",
      // With its use: Keycloak takes no other for private_key_jwt.
      jwks: { keys: [await publicKey({ use: "sig" })] },
      auth_method: "client_secret_post",
    },
    grant: other.grant,
  },
  secretValue: () => "chosen-by-the-server",
  ports: { write: true, secrets: "in_place", behind: false },
  orphans: "RFC 7591 lists nothing: a registration whose answer is lost is out of everybody's reach.",
  written: "client",
  secretAtHand: "RFC 7591 section 3.2.1: the registration's own answer carries the first secret.",
  ownCredentials: true,
}

export interface OpenedOidc {
  open(fetch: GuardedFetch): Connector
  /** A real token request (RFC 6749 section 4.4.2) with HTTP Basic; the OAuth error, or null for a token. */
  tokenError(clientId: string, secret: string, request: TokenRequest): Promise<string | null>
}

/** All openings share one memory, as those of one configured provider do. */
export function oidcAt(
  settings: Readonly<Record<string, unknown>>,
  fetch: GuardedFetch,
  now: () => Date = () => new Date(),
): OpenedOidc {
  const { memory, fingerprint } = testOpened()
  return {
    open: (way) => openOidc({ providerId: "p1", settings, fetch: way, memory, fingerprint }, now),
    async tokenError(clientId, secret, { tokenEndpoint, parameters }) {
      const { status, text } = await fetch(tokenEndpoint, {
        method: "POST",
        headers: {
          authorization: basic(clientId, secret),
          "content-type": "application/x-www-form-urlencoded",
        },
        body: new URLSearchParams({ grant_type: "client_credentials", ...parameters }).toString(),
      })
      if (status === 200) return null
      const told: unknown = text === "" ? {} : JSON.parse(text)
      const error = (told as { error?: unknown }).error
      return typeof error === "string" ? error : `http_${status}`
    },
  }
}
