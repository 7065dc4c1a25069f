/**
 * The guarded fetch: every outgoing request of Grantry goes through it. The address is checked in the dispatcher's lookup,
 * on the very addresses that are then connected to (no rebinding); literal addresses are checked before. No redirects,
 * bounded time, bounded decoded bytes. reliability.md T1 to T4.
 */
import { lookup as dnsLookup } from "node:dns"
import { isIP, type LookupFunction } from "node:net"
import ipaddr from "ipaddr.js"
import { Agent, fetch as undiciFetch } from "undici"

export interface FetchPolicy {
  /** Names, addresses and CIDRs (GRANTRY_ALLOW_HOSTS): reachable on every port, over http, at whatever address. */
  readonly allowHosts: readonly string[]
  readonly timeoutMs?: number
  /** Cap on decoded bytes of the answer. */
  readonly maxBytes?: number
}

const refused = Symbol.for("grantry.FetchRefused")

/**
 * Why a request was not made or its answer not read. Carries no body and no connect error text. The process's fetch is made
 * by its entry point, and a bundler may give a route a copy of this file: a refusal is one whichever copy made it.
 */
export class FetchRefused extends Error {
  readonly [refused] = true
  readonly code: "bad_url" | "blocked_address" | "redirect" | "timeout" | "too_large" | "unreachable"
  constructor(code: FetchRefused["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = "FetchRefused"
    this.code = code
  }
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && refused in value
  }
}

export interface GuardedAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export type GuardedFetch = (
  url: string,
  init?: {
    method?: string
    headers?: Record<string, string>
    body?: string | Uint8Array
    signal?: AbortSignal
    maxBytes?: number
    timeoutMs?: number
  },
) => Promise<GuardedAnswer>

const defaultTimeoutMs = 5_000
const defaultMaxBytes = 1_000_000

/** Only globally routable unicast; Azure's wire server and the old 6to4 relay are unicast by name only. */
const excluded = [ipaddr.parseCIDR("168.63.129.16/32"), ipaddr.parseCIDR("192.88.99.0/24")]

export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() !== "unicast") return false
  return !excluded.some(([net, bits]) => parsed.kind() === net.kind() && parsed.match(net, bits))
}

/** Is this host (a name, or an address in one of the listed CIDRs) on the allow list? */
export function isAllowedHost(host: string, allowHosts: readonly string[]): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, "")
  const address = ipaddr.isValid(bare) ? ipaddr.process(bare) : null
  return allowHosts.some((entry) => {
    const rule = entry.toLowerCase().replace(/^\[|\]$/g, "")
    if (rule === bare) return true
    if (!address || !rule.includes("/") || !ipaddr.isValidCIDR(rule)) return false
    const [net, bits] = ipaddr.parseCIDR(rule)
    return address.kind() === net.kind() && address.match(net, bits)
  })
}

/** Parses and judges a URL before any lookup. Throws FetchRefused. */
export function checkUrl(url: string, policy: FetchPolicy): { url: URL; allowed: boolean } {
  const parsed = URL.parse(url)
  if (!parsed) throw new FetchRefused("bad_url", "This is not an address.")
  if (parsed.username || parsed.password)
    throw new FetchRefused("bad_url", "An address must not carry a user name or password.")
  const allowed = isAllowedHost(parsed.hostname, policy.allowHosts)
  if (parsed.protocol !== "https:" && !(allowed && parsed.protocol === "http:")) {
    throw new FetchRefused("bad_url", "Only https is allowed, except for hosts in GRANTRY_ALLOW_HOSTS.")
  }
  if (!allowed && parsed.port !== "")
    throw new FetchRefused("bad_url", "Only port 443 is allowed, except for hosts in GRANTRY_ALLOW_HOSTS.")
  const bare = parsed.hostname.replace(/^\[|\]$/g, "")
  if (!allowed && isIP(bare) !== 0 && !isPublicAddress(bare))
    throw new FetchRefused("blocked_address", "This address is not public.")
  return { url: parsed, allowed }
}

/**
 * Where a connection that is no HTTP request (gRPC) may go: the address to dial, judged by the same rules. The caller dials
 * that very address. `secure`: over TLS. Throws FetchRefused.
 */
export type GuardedResolve = (host: string, port: number, secure: boolean) => Promise<string>

export function guardedResolve(policy: FetchPolicy): GuardedResolve {
  return async (host, port, secure) => {
    const bare = host.includes(":") ? `[${host}]` : host
    checkUrl(`${secure ? "https" : "http"}://${bare}${port === 443 ? "" : `:${port}`}/`, policy)
    return await new Promise((resolve, reject) => {
      guardedLookup(policy.allowHosts)(host, { all: false }, (error, address) => {
        if (error === null && typeof address === "string") resolve(address)
        else if (isBlocked(error))
          reject(new FetchRefused("blocked_address", "This name resolves to an address that is not public."))
        else reject(new FetchRefused("unreachable", "The server could not be reached.", error))
      })
    })
  }
}

function guardedLookup(allowHosts: readonly string[]): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "")
      const fine =
        isAllowedHost(hostname, allowHosts) ||
        addresses.every(({ address }) => isPublicAddress(address) || isAllowedHost(address, allowHosts))
      const first = addresses[0]
      if (!fine || !first) return callback(Object.assign(new Error("blocked address"), { code: "EBLOCKED" }), "")
      if (options.all) return callback(null, addresses)
      return callback(null, first.address, first.family)
    })
  }
}

const isBlocked = (error: unknown): boolean => {
  for (let e: unknown = error; e instanceof Error; e = e.cause) if ("code" in e && e.code === "EBLOCKED") return true
  return false
}

export function guardedFetch(policy: FetchPolicy): GuardedFetch {
  const agents = new Map<boolean, Agent>()
  const agentFor = (allowed: boolean): Agent => {
    const known = agents.get(allowed)
    if (known) return known
    const agent = new Agent({
      connect: { lookup: guardedLookup(policy.allowHosts) },
      keepAliveTimeout: 4_000,
      connections: 16,
    })
    agents.set(allowed, agent)
    return agent
  }
  const guarded: GuardedFetch = async (target, init = {}) => {
    const { url, allowed } = checkUrl(target, policy)
    const timeoutMs = init.timeoutMs ?? policy.timeoutMs ?? defaultTimeoutMs
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout
    try {
      const answer = await undiciFetch(url, {
        method: init.method ?? "GET",
        ...(init.headers ? { headers: init.headers } : {}),
        ...(init.body === undefined ? {} : { body: init.body }),
        redirect: "manual",
        signal,
        dispatcher: agentFor(allowed),
      })
      if (answer.status >= 300 && answer.status < 400 && answer.headers.has("location")) {
        await answer.body?.cancel()
        throw new FetchRefused("redirect", "The server answered with a redirect, which is not followed.")
      }
      const text = await readCapped(answer.body, init.maxBytes ?? policy.maxBytes ?? defaultMaxBytes)
      return { status: answer.status, headers: new Headers([...answer.headers]), text }
    } catch (error) {
      if (error instanceof FetchRefused) throw error
      if (isBlocked(error))
        throw new FetchRefused("blocked_address", "This name resolves to an address that is not public.")
      if (timeout.aborted) throw new FetchRefused("timeout", `No answer within ${timeoutMs / 1000} s.`, error)
      throw new FetchRefused("unreachable", "The server could not be reached.", error)
    }
  }
  resolvers.set(guarded, guardedResolve(policy))
  return guarded
}

const resolvers = new WeakMap<GuardedFetch, GuardedResolve>()

/** The rule for connections that belongs to this fetch; one that guardedFetch did not make lets nothing out. */
export const resolveOf = (fetch: GuardedFetch): GuardedResolve =>
  resolvers.get(fetch) ??
  (async () => {
    throw new FetchRefused("blocked_address", "No connection may be made from here.")
  })

const shared = globalThis as typeof globalThis & { grantryOutgoing?: GuardedFetch }

/** Set once by each entry point, with the policy of GRANTRY_ALLOW_HOSTS. */
export function useOutgoing(fetch: GuardedFetch): void {
  shared.grantryOutgoing = fetch
}

/** The process's guarded fetch: the only way out. */
export function outgoing(): GuardedFetch {
  if (!shared.grantryOutgoing) throw new Error("useOutgoing(fetch) was not called by this entry point")
  return shared.grantryOutgoing
}

/** Reads a decoded body up to `maxBytes`, then cancels. */
async function readCapped(body: unknown, maxBytes: number): Promise<string> {
  if (body === null || body === undefined) return ""
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    total += chunk.byteLength
    if (total > maxBytes) throw new FetchRefused("too_large", `The answer is longer than ${maxBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}
