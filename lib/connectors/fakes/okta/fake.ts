/** An org of Okta in memory, with the laws of providers.md section 3. */
import { exportJWK, generateKeyPair } from "jose"
import { movableClock, type Clock } from "../base/clock.ts"
import { faultList, type Faults } from "../base/faults.ts"
import { startServer, type FakeAnswer, type FakeRequest } from "../base/server.ts"
import { signingKey } from "../base/signing.ts"
import { privileges } from "../../okta/privileges.ts"
import { appRoutes } from "./apps.ts"
import { admin } from "./callers.ts"
import { refusal } from "./law.ts"
import { logRoutes } from "./logs.ts"
import { policyRoutes } from "./policies.ts"
import { secretRoutes } from "./secrets.ts"
import { serverRoutes } from "./servers.ts"
import { newId, newOrg, nowText, type FakeApp, type Org } from "./state.ts"
import { tokenRoutes } from "./tokens.ts"

export interface FakeOkta {
  readonly url: string
  readonly org: Org
  readonly clock: Clock
  readonly faults: Faults
  /** Settings of a provider of kind `okta` that is this org, by its app. */
  readonly settings: { readonly base_url: string; readonly client_id: string; readonly private_key_jwk: string }
  /** An API token of an administrator's. */
  readonly apiToken: string
  /** Replaces the Okta scopes that Grantry's own app has. */
  allow(scopes: readonly string[]): void
  stop(): Promise<void>
}

export async function startFakeOkta({ port = 0 }: { readonly port?: number } = {}): Promise<FakeOkta> {
  const clock = movableClock()
  const faults = faultList()
  const org = newOrg(clock)
  const key = await signingKey("fake-okta-org")
  const route = admin(org, key)
  const { url, stop } = await startServer({
    routes: [
      ...appRoutes(org, route),
      ...secretRoutes(org, route),
      ...serverRoutes(org, route),
      ...policyRoutes(org, route),
      ...logRoutes(org, route),
      ...tokenRoutes(org, key),
    ],
    faults,
    port,
    missing: ({ path }) => refusal(404, "E0000022", `The endpoint does not support the provided HTTP method: ${path}`),
    before: (request) => limited(org, request),
    trailer: (request) => ({ "x-okta-request-id": newId("req"), ...limitHeaders(org, request) }),
  })
  const { own, privateJwk } = await ownApp(org)
  org.apps.set(own.id, own)
  const apiToken = newId("00")
  org.tokens.set(apiToken, { id: "00uadmin", displayName: "Ada Admin" })
  return {
    url,
    org,
    clock,
    faults,
    settings: { base_url: url, client_id: own.clientId, private_key_jwk: JSON.stringify(privateJwk) },
    apiToken,
    allow(scopes) {
      own.grants = new Set(scopes)
    },
    stop,
  }
}

async function ownApp(org: Org) {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true })
  const kid = "grantry-1"
  const id = newId("0oa")
  const own: FakeApp = {
    id,
    clientId: id,
    status: "ACTIVE",
    created: nowText(org),
    lastUpdated: nowText(org),
    body: {
      name: "oidc_client",
      label: "Grantry",
      signOnMode: "OPENID_CONNECT",
      credentials: { oauthClient: { client_id: id, token_endpoint_auth_method: "private_key_jwt" } },
      settings: {
        oauthClient: {
          application_type: "service",
          grant_types: ["client_credentials"],
          response_types: ["token"],
          jwks: { keys: [{ ...publicPart(await exportJWK(publicKey)), kid, use: "sig" }] },
        },
      },
    },
    secrets: [],
    grants: new Set(privileges.map(({ name }) => name)),
    wrong: 0,
  }
  return { own, privateJwk: { ...(await exportJWK(privateKey)), kid, alg: "RS256" } }
}

const publicPart = ({ kty = "", n = "", e = "" }: { kty?: string; n?: string; e?: string }) => ({ kty, n, e })

const windowMs = 60_000
const familyOf = ({ path }: Pick<FakeRequest, "path">): string => path.split("/").slice(0, 4).join("/")
const isCounted = ({ path }: Pick<FakeRequest, "path">): boolean => path.startsWith("/api/v1/")

/** One bucket for each family of endpoints, emptied by the minute. */
function limited(org: Org, request: FakeRequest): FakeAnswer | null {
  const { perMinute } = org.modes
  if (perMinute === null || !isCounted(request)) return null
  const now = org.clock.now().getTime()
  const known = org.windows.get(familyOf(request))
  const bucket = known && known.endsAt > now ? known : { used: 0, endsAt: now + windowMs }
  bucket.used += 1
  org.windows.set(familyOf(request), bucket)
  return bucket.used > perMinute
    ? refusal(429, "E0000047", "API call exceeded rate limit due to too many requests.")
    : null
}

function limitHeaders(org: Org, request: FakeRequest): Record<string, string> {
  const { perMinute } = org.modes
  const bucket = org.windows.get(familyOf(request))
  if (perMinute === null || !bucket || !isCounted(request)) return {}
  return {
    "x-rate-limit-limit": String(perMinute),
    "x-rate-limit-remaining": String(Math.max(0, perMinute - bucket.used)),
    "x-rate-limit-reset": String(Math.ceil(bucket.endsAt / 1_000)),
  }
}

/** Too many requests at once: the limit and what is left are 0, and the reset is only a hint. */
export const crowded = (now: Date): FakeAnswer => ({
  ...refusal(429, "E0000047", "API call exceeded rate limit due to too many concurrent requests."),
  headers: {
    "x-rate-limit-limit": "0",
    "x-rate-limit-remaining": "0",
    "x-rate-limit-reset": String(Math.ceil(now.getTime() / 1_000) + 60),
  },
})
