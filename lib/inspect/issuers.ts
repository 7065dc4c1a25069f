import "server-only"
import { Refused } from "../base/errors.ts"
import { outgoing, type GuardedFetch } from "../base/http.ts"
import { discover, endpointsOf } from "../connectors/discovery.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import type { Endpoints } from "../connectors/port.ts"
import { openConnector, type OpenConnector } from "../providers/open.ts"
import { paced } from "../providers/pace.ts"

/** As long as a key set is trusted (reliability T7). */
const keptMs = 600_000
const failurePauseMs = 30_000
const entriesMax = 1_000

interface Entry {
  readonly until: number
  readonly told: Promise<Endpoints | null>
}

/** The issuer of one audience's tokens, where it is another one than `provider.issuer`; else null, also while nobody can tell. */
export type IssuerOfAudience = (
  provider: { readonly id: string; readonly issuer: string },
  audience: string,
) => Promise<Endpoints | null>

/**
 * Some providers have an issuer per audience (Okta: one authorization server each). Their connector says which, from its
 * settings and the provider's own answer, and that issuer's metadata says where its keys are; a token says neither. Kept for
 * ten minutes, a failure for half one: callers need not be signed in to send a token. Never throws ConnectorError.
 *
 * @param now milliseconds; the clock belongs to the caller.
 */
export function issuersOfAudiences(open: OpenConnector, fetch: GuardedFetch, now: () => number): IssuerOfAudience {
  const entries = new Map<string, Entry>()
  return (provider, audience) => {
    const key = JSON.stringify([provider.id, provider.issuer, audience])
    const kept = entries.get(key)
    if (kept && kept.until > now()) return kept.told
    if (entries.size >= entriesMax) entries.clear()
    const told = ask(provider, audience, open, fetch).catch((error: unknown) => {
      if (!(error instanceof ConnectorError) && !(error instanceof Refused)) {
        entries.delete(key)
        throw error
      }
      entries.set(key, { until: now() + failurePauseMs, told: Promise.resolve(null) })
      return null
    })
    entries.set(key, { until: now() + keptMs, told })
    return told
  }
}

async function ask(
  provider: { readonly id: string; readonly issuer: string },
  audience: string,
  open: OpenConnector,
  fetch: GuardedFetch,
): Promise<Endpoints | null> {
  const { issuer } = await (await open(provider.id)).tokenRequest(audience, [])
  if (issuer === provider.issuer) return null
  return endpointsOf(issuer, await discover(paced(provider.id, fetch), { issuer }))
}

/** Next bundles routes apart, so what is kept, one per process, lives on globalThis. */
const shared = globalThis as typeof globalThis & { grantryAudienceIssuers?: IssuerOfAudience }

/** The process's own, over the guarded fetch. */
export const issuerOfAudience: IssuerOfAudience = (provider, audience) =>
  (shared.grantryAudienceIssuers ??= issuersOfAudiences(
    openConnector,
    (url, init) => outgoing()(url, init),
    () => Date.now(),
  ))(provider, audience)
