import { randomUUID } from "node:crypto"
import type { GuardedFetch } from "../base/http.ts"
import { newId } from "../base/id.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import type { Connector } from "../connectors/port.ts"
import type { SecretsPort, Strategy } from "../connectors/secrets-port.ts"
import { db } from "../db/client.ts"
import type { UseLog } from "./evidence.ts"
import type { RotationWorld } from "./world.ts"

interface Held {
  readonly remoteId: string
  readonly value: string
  readonly fingerprint: string
  readonly createdAt: string
  readonly marker?: string
}

/**
 * A provider in memory, and the one service that lives on it. It is not idempotent: a secret that is sent twice is there
 * twice, so a blind re-send shows. After every change it is asked whether the service still has a secret that works (P4).
 */
export class Simulator {
  readonly secrets = new Map<string, Held[]>()
  /** Values that the service of a client holds. */
  readonly holds = new Map<string, Set<string>>()
  readonly bare: string[] = []
  mostLive = 0
  uses = new Map<string, Date>()
  complete: Date | null = null
  gap: string | null = null
  /** Fails the next calls, each once. `no_look`: it takes the secret, and then refuses the reading that follows. */
  readonly faults: ("refuse" | "busy" | "lost_answer" | "no_look" | "down")[] = []
  /** What a list of secrets answers instead. */
  lists: "all" | "none_yet" | "forbidden" = "all"
  liveMax = 3
  strategy: "overlap" | "in_place" = "overlap"
  evidence: "A" | "none" = "A"
  chooser: "caller" | "provider" = "caller"
  strategyOf: ((client: string) => Promise<Strategy>) | null = null
  settleMs = 0
  /** How often a token was asked for. */
  asked = 0
  /** What the provider calls a client of ours. */
  clientIdOf = (name: string): string => name

  readonly world: RotationWorld = {
    open: async () => this.connector,
    fetch: (...call) => this.tokenEndpoint(...call),
    log: this.useLog(),
  }

  private useLog(): UseLog {
    const lastUse = async (fingerprints: readonly string[]): Promise<Date | null> =>
      fingerprints.reduce<Date | null>(
        (last, f) => ((this.uses.get(f) ?? new Date(0)) > (last ?? new Date(0)) ? (this.uses.get(f) ?? null) : last),
        null,
      )
    return {
      lastUse,
      lastServiceUse: lastUse,
      completeness: async () => ({ until: this.complete, gap: this.gap }),
    }
  }

  private changed(client: string): void {
    const live = this.secrets.get(client) ?? []
    this.mostLive = Math.max(this.mostLive, live.length)
    const holds = this.holds.get(client)
    if (holds && !live.some((s) => holds.has(s.value))) this.bare.push(client)
  }

  private get port(): SecretsPort {
    return {
      liveMax: this.liveMax,
      chooser: this.chooser,
      settleMs: this.settleMs,
      ...(this.strategyOf === null ? {} : { strategyOf: this.strategyOf }),
      expiry: "none",
      list: "ids",
      end: "by_id",
      strategy: this.strategy,
      evidenceByLog: this.evidence,
      issue: async ({ client, value: given, fingerprint: mark, marker }) => {
        const fault = this.faults.shift()
        const untaken = { nothingDone: true }
        if (fault === "refuse")
          throw new ConnectorError("invalid", "issue secret", "The provider refuses this secret.", untaken)
        if (fault === "busy") throw new ConnectorError("rate_limited", "issue secret", "Not so fast.", untaken)
        if (fault === "down") throw new ConnectorError("unavailable", "issue secret", "The provider does not answer.")
        const value = this.chooser === "provider" ? `theirs-${randomUUID()}` : given
        const fingerprint = this.chooser === "provider" ? `fp_${randomUUID()}` : mark
        const made: Held = { remoteId: randomUUID(), value, fingerprint, createdAt: new Date().toISOString(), marker }
        const kept = this.strategy === "in_place" ? [] : (this.secrets.get(client) ?? [])
        this.secrets.set(client, [...kept, made])
        this.changed(client)
        if (fault === "lost_answer") throw new ConnectorError("lost_answer", "issue secret", "The answer was lost.")
        if (fault === "no_look") throw new ConnectorError("forbidden", "issue secret", "The provider shows nothing.")
        return {
          remoteId: made.remoteId,
          fingerprint: this.chooser === "provider" ? null : fingerprint,
          createdAt: made.createdAt,
          expiresAt: null,
          lastUsedAt: null,
          ...(this.chooser === "provider" ? { value } : {}),
        }
      },
      listSecrets: async (client) => {
        if (this.lists === "forbidden") throw new ConnectorError("forbidden", "list secrets", "Not for you.")
        const there = this.lists === "all" ? (this.secrets.get(client) ?? []) : []
        return there.map(({ remoteId, fingerprint, createdAt, marker }) => ({
          remoteId,
          marker: marker ?? null,
          fingerprint: this.chooser === "provider" ? null : fingerprint,
          createdAt,
          expiresAt: null,
          lastUsedAt: null,
        }))
      },
      retire: async (client, remoteId) => {
        this.secrets.set(
          client,
          (this.secrets.get(client) ?? []).filter((s) => s.remoteId !== remoteId),
        )
        this.changed(client)
      },
    }
  }

  private get connector(): Connector {
    return {
      kind: "simulated",
      check: async () => [],
      endpoints: async () => ({
        issuer: "https://idp.example",
        tokenEndpoint: "https://idp.example/token",
        jwksUri: "https://idp.example/jwks",
        introspectionEndpoint: null,
      }),
      reject: () => [],
      project: () => ({ is: "exact", why: "" }),
      write: { cannot: "not here", source: "test" },
      secrets: this.port,
      introspection: { cannot: "not here", source: "test" },
      events: { cannot: "not here", source: "test" },
      changes: { cannot: "not here", source: "test" },
      shape: (desired) => ({ objects: desired, notes: [] }),
      clientIdOf: ({ key }) => this.clientIdOf(key),
      tokenRequest: async (audience, scopes) => ({
        tokenEndpoint: "https://idp.example/token",
        issuer: "https://idp.example",
        parameters: { resource: audience, ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}) },
      }),
    }
  }

  private tokenEndpoint: GuardedFetch = async (_url, init) => {
    this.asked++
    const basic = /^Basic (.+)$/.exec(init?.headers?.authorization ?? init?.headers?.Authorization ?? "")?.[1] ?? ""
    const [client = "", value = ""] = Buffer.from(basic, "base64").toString().split(":").map(decodeURIComponent)
    const [name = ""] = [...this.secrets.keys()].filter((key) => this.clientIdOf(key) === client)
    const known = (this.secrets.get(name) ?? []).some(
      (s) => s.value === value && Date.parse(s.createdAt) + this.settleMs / 2 <= Date.now(),
    )
    const headers = new Headers({ "content-type": "application/json" })
    if (!known) return { status: 401, headers, text: '{"error":"invalid_client"}' }
    return {
      status: 200,
      headers,
      text: JSON.stringify({ access_token: randomUUID(), token_type: "Bearer", expires_in: 300 }),
    }
  }
}

/** A client that stands on the provider with one live secret, which its service holds. */
export async function placedClient(
  simulator: Simulator,
  providerId: string,
  name: string,
): Promise<{ id: string; name: string; oldSecretId: string; oldRemoteId: string }> {
  const id = newId()
  await db().client.create({
    data: {
      id,
      name,
      displayName: name,
      owner: "team",
      authMethod: "client_secret_basic",
      tags: [],
      providers: { create: { providerId } },
    },
  })
  const place = (kind: string, key: string, applied: object) =>
    db().placement.create({
      data: { id: newId(), providerId, kind, key, remoteId: key, origin: "created", applied, appliedAt: new Date() },
    })
  await place("client", name, { enabled: true })
  await place("grant", `${name} https://api.example`, { scopes: ["a:read"] })
  const old = {
    remoteId: randomUUID(),
    value: randomUUID(),
    fingerprint: `fp_${randomUUID()}`,
    createdAt: new Date(0).toISOString(),
  }
  simulator.secrets.set(name, [old])
  simulator.holds.set(name, new Set([old.value]))
  const oldSecretId = newId()
  await db().clientSecret.create({
    data: {
      id: oldSecretId,
      clientId: id,
      providerId,
      remoteId: old.remoteId,
      state: "live",
      fingerprint: old.fingerprint,
      revealedAt: new Date(),
      verifiedAt: new Date(),
    },
  })
  return { id, name, oldSecretId, oldRemoteId: old.remoteId }
}
