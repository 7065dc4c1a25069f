import { callerOf } from "../token/caller.ts"
import type { Grant, TokenContext } from "../token/check.ts"
import { decode, type Members } from "../token/decode.ts"
import { inspectToken, type CheckResult, type Inspection } from "../token/inspect.ts"
import { readKeySet, type KeySet } from "../token/keys.ts"
import { nearMiss } from "../token/near-miss.ts"
import { scopesOf } from "../token/scopes.ts"
import { parseStrictJson } from "../token/strict-json.ts"
import type { KeySetCache, LoadedKeys } from "./jwks.ts"
import { profileOf } from "./profile.ts"
import type { InspectedAudience, InspectedClient, InspectedProvider, RegistryReads } from "./registry.ts"
import type { InspectRequest } from "./schema.ts"

/** What the registry knew about the token; ids and names, for links. Nothing of the token itself. */
export interface RegistryView {
  readonly provider: { readonly id: string; readonly name: string; readonly kind: string } | null
  readonly client: InspectedClient | null
  readonly audiences: readonly { readonly id: string; readonly identifier: string }[]
  readonly granted_scopes: readonly string[] | null
  /** Which keys it was checked against; `age_seconds` of the issuer's cached set, `problem` of its last refresh. */
  readonly keys: {
    readonly from: "caller" | "issuer"
    readonly url: string | null
    readonly age_seconds: number | null
    readonly problem: string | null
  } | null
}

export type InspectAnswer = Inspection & { readonly registry: RegistryView }

export interface InspectTools {
  readonly registry: RegistryReads
  readonly keySets: KeySetCache
}

/**
 * Judges one token against registry and provider. Issuer, key set, audience, client and grants all come from the
 * registry; the token only says where to look, and a lookup by its word can find nothing that is not there.
 *
 * @param provider the one the person chose; without it, the connected provider with exactly the token's issuer,
 *   as its own or as that of one of its audiences.
 * @param nowMs the clock, unless the request brings its own moment.
 */
export async function judgeToken(
  request: InspectRequest,
  provider: InspectedProvider | null,
  tools: InspectTools,
  nowMs: number,
): Promise<InspectAnswer> {
  const decoded = decode(request.token)
  const header = decoded.header ?? {}
  const claims = decoded.form === "jws" ? (decoded.payload.claims ?? {}) : {}
  const at = await providerOf(claims, provider, tools.registry)
  const now = request.now ?? nowMs / 1000
  const loaded =
    request.jwks === undefined && at !== null && decoded.form === "jws"
      ? await loadKeys(at, header, tools.keySets)
      : null
  const keys = request.jwks === undefined ? loaded?.set : callerKeys(request.jwks)
  const known = at === null ? null : await lookUp(at, claims, request, tools.registry, new Date(now * 1000))
  const context: TokenContext = {
    now,
    ...(keys
      ? { keys }
      : { keysProblem: at === null ? await noProvider(claims, tools.registry) : whyNoKeys(at, loaded) }),
    ...(at === null
      ? {}
      : { issuer: at.issuer, ...profileOf(at.kind).expects, ...(at.algorithms ? { algorithms: at.algorithms } : {}) }),
    ...(known?.context ??
      (request.audience === undefined
        ? {}
        : { audience: { mode: "exact" as const, identifiers: [request.audience] } })),
    ...(request.scopes === undefined ? {} : { requiredScopes: request.scopes }),
  }
  const judged = inspectToken(request.token, context)
  const checks = request.jwks === undefined || at === null ? judged.checks : [...judged.checks, handedIn(at)]
  return { ...judged, checks, registry: view(at, known, keys, loaded) }
}

/** V17: keys and issuer both come from the registry. A set for this check only is told, so that nobody takes it for the issuer's. */
const handedIn = (provider: InspectedProvider): CheckResult => ({
  name: "key_source",
  title: "Keys of the issuer",
  source: "RFC 8725 section 3.8",
  is: "warn",
  why: `The keys were handed in for this check and stood in for those of ${provider.name}. The verdict holds for them only.`,
})

/** Which provider's token it is, as far as the token's own word can find one: the chosen one stands whatever it says. */
export async function providerOf(
  claims: Members,
  chosen: InspectedProvider | null,
  registry: RegistryReads,
): Promise<InspectedProvider | null> {
  const { iss } = claims
  if (typeof iss !== "string" || iss === "" || iss.length > 2048) return chosen
  if (chosen?.issuer === iss) return chosen
  const [first] = chosen ? [] : await registry.providersByIssuer(iss)
  return first ?? (await registry.providerOfAudience(iss, audiencesIn(claims), chosen?.id ?? null)) ?? chosen
}

async function noProvider(claims: Members, registry: RegistryReads): Promise<string> {
  const { iss } = claims
  if (typeof iss !== "string") return "The token names no issuer, and no key was handed in."
  const near = (await registry.issuers())
    .map((issuer) => ({ issuer, hint: nearMiss(iss, issuer) }))
    .find(({ hint }) => hint !== null)
  const hint = near ? ` A connected provider has the issuer ${JSON.stringify(near.issuer)}. ${String(near.hint)}` : ""
  return `No connected provider has this issuer, and no key was handed in.${hint}`
}

const loadKeys = (provider: InspectedProvider, header: Members, cache: KeySetCache): Promise<LoadedKeys> =>
  cache.keysFor(
    { issuer: provider.issuer, url: provider.jwks_uri },
    typeof header["kid"] === "string" ? header["kid"] : null,
  )

const whyNoKeys = (provider: InspectedProvider, loaded: LoadedKeys | null): string =>
  `There is no key of ${provider.name} to check against. ${loaded?.problem ?? ""}`.trimEnd()

function callerKeys(given: NonNullable<InspectRequest["jwks"]>): KeySet {
  if (typeof given !== "string") return readKeySet(given, "caller")
  const parsed = parseStrictJson(new TextEncoder().encode(given))
  return "problem" in parsed
    ? { ...readKeySet(null, "caller"), refused: `what was handed in ${parsed.problem}` }
    : readKeySet(parsed.value, "caller")
}

interface Known {
  readonly context: Partial<TokenContext>
  readonly client: InspectedClient | null
  readonly audiences: readonly InspectedAudience[]
  readonly granted: readonly string[] | null
}

async function lookUp(
  provider: InspectedProvider,
  claims: Members,
  request: InspectRequest,
  registry: RegistryReads,
  at: Date,
): Promise<Known> {
  const mode = profileOf(provider.kind).audienceMode
  const named = mode === "exact" ? audiencesIn(claims) : prefixesIn(claims)
  const wanted = request.audience === undefined ? named : [request.audience, ...named]
  const found = await registry.audiences([...new Set(wanted)].slice(0, namesMax))
  const audiences = request.audience === undefined ? found : found.filter((one) => one.identifier === request.audience)
  const expected = request.audience === undefined ? audiences.map((one) => one.identifier) : [request.audience]
  const caller = callerOf(claims)
  const client = caller === null || caller.length > 1024 ? null : await registry.client(provider.id, caller)
  const grant = client && audiences.length > 0 ? await grantOf(client, audiences, registry, at) : undefined
  return {
    client,
    audiences,
    granted: grant?.scopes ?? null,
    context: {
      audience:
        mode === "exact"
          ? { mode, identifiers: expected, known: found.map((one) => one.identifier) }
          : { mode, identifiers: expected },
      client,
      scopePrefixes: audiences.map((one) => `${one.identifier}/`),
      ...(grant === undefined ? {} : { grant }),
      ...(audiences.length === 0 ? {} : { lifetimeMax: Math.max(...audiences.map((one) => one.token_ttl_seconds)) }),
    },
  }
}

/** A token with more audiences than this is not looked up further. */
const namesMax = 50

const audiencesIn = ({ aud }: Members): string[] =>
  (Array.isArray(aud) ? aud : [aud])
    .slice(0, namesMax)
    .filter((item): item is string => typeof item === "string" && item.length <= 2048)

const prefixesIn = (claims: Members): string[] =>
  [...scopesOf(claims).scopes]
    .filter((scope) => scope.lastIndexOf("/") > 0)
    .map((scope) => scope.slice(0, scope.lastIndexOf("/")))

/** Granted on every audience the token is for, or on none: one ungranted audience is not made good by another. */
async function grantOf(
  client: InspectedClient,
  audiences: readonly InspectedAudience[],
  registry: RegistryReads,
  at: Date,
): Promise<Grant | null> {
  const grants = await registry.grants(
    client.id,
    audiences.map((one) => one.id),
    at,
  )
  if (audiences.some((one) => !grants.some((grant) => grant.audience_id === one.id))) return null
  return { scopes: grants.flatMap((grant) => grant.scopes), audienceScopes: audiences.flatMap((one) => one.scopes) }
}

const view = (
  provider: InspectedProvider | null,
  known: Known | null,
  keys: KeySet | null | undefined,
  loaded: LoadedKeys | null,
): RegistryView => ({
  provider: provider && { id: provider.id, name: provider.name, kind: provider.kind },
  client: known?.client ?? null,
  audiences: known?.audiences.map(({ id, identifier }) => ({ id, identifier })) ?? [],
  granted_scopes: known?.granted ?? null,
  keys:
    keys?.origin === "caller"
      ? { from: "caller", url: null, age_seconds: null, problem: null }
      : loaded && {
          from: "issuer",
          url: provider?.jwks_uri ?? null,
          age_seconds: loaded.ageSeconds,
          problem: loaded.problem,
        },
})
