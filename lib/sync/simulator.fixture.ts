/** An identity provider in memory, with faults by seed: 429, work done and then an error, no work and an error, slow visibility. */
import type { GuardedFetch } from "../base/http.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import {
  splitGrantKey,
  type DesiredObject,
  type Fields,
  type ObjectKind,
  type Projection,
  type RemoteObject,
  type Shaped,
} from "../connectors/objects.ts"
import type { Connector } from "../connectors/port.ts"
import type { RemoteSecret, SecretsPort } from "../connectors/secrets-port.ts"
import type { WritePort } from "../connectors/write-port.ts"
import { idOf } from "./normal.ts"

export interface Faults {
  readonly throttle?: number
  readonly doneThenError?: number
  readonly errorBefore?: number
  /** Writes become visible this much later. */
  readonly lagMs?: number
  /** Names of grants that become widened. */
  readonly widened?: ReadonlySet<string>
  readonly unsupported?: ReadonlySet<string>
}

/** A small generator with a seed (mulberry32), so that a failing run can be run again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export class Simulator {
  readonly objects = new Map<string, RemoteObject>()
  readonly secrets = new Map<string, (RemoteSecret & { value: string; marker: string })[]>()
  /** How often each object was really made: more than once is a double. */
  readonly made = new Map<string, number>()
  readonly calls: string[] = []
  readonly issuer = "https://idp.example"
  tokens = 0
  /** Claims of every token that are not as they should be. */
  misissues: object = {}
  faults: Faults = {}
  random: () => number = seeded(1)
  shape: (desired: readonly DesiredObject[]) => Shaped = (desired) => ({ objects: desired, notes: [] })
  down = false
  /** `WritePort.parallel`, how long a write takes, and how many ran side by side at most; on one client never two. */
  parallel: number | null = null
  /** `WritePort.grantsComeWithClient`; grants with these keys stay behind all the same. */
  grantsComeWithClient = false
  readonly leftBehind = new Set<string>()
  writeMs = 0
  sideBySide = 0
  readonly crowded: string[] = []
  private readonly busy: string[] = []
  holdsAudiences = true
  /** What `find` and `observe` see: a write is delayed by `lagMs`. */
  private readonly visibleFrom = new Map<string, number>()
  private next = 0

  readonly connector = (): Connector => ({
    kind: "simulator",
    check: async () => [{ name: "reach", is: this.down ? "fail" : "pass", why: "simulated" }],
    endpoints: async () => ({
      issuer: this.issuer,
      tokenEndpoint: `${this.issuer}/token`,
      jwksUri: `${this.issuer}/jwks`,
      introspectionEndpoint: null,
    }),
    reject: (desired) =>
      desired
        .filter(({ key }) => key.includes("refused"))
        .map(({ kind, key }) => ({ kind, key, path: "name", why: "is refused here" })),
    project: (grant): Projection =>
      this.faults.unsupported?.has(grant.key)
        ? { is: "unsupported", why: "there is no such thing here" }
        : this.faults.widened?.has(grant.key)
          ? { is: "widened", why: "it also allows more" }
          : { is: "exact", why: "it fits" },
    write: this.write(),
    secrets: this.secretsPort(),
    introspection: { cannot: "not here", source: "test" },
    events: { cannot: "not here", source: "test" },
    changes: { cannot: "not here", source: "test" },
    shape: (desired) => this.shape(desired),
    clientIdOf: ({ key }) => key,
    tokenRequest: async (audience, scopes) => ({
      tokenEndpoint: `${this.issuer}/token`,
      issuer: this.issuer,
      parameters: { resource: audience, ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}) },
    }),
  })

  private trouble(step: string, write: boolean): (() => void) | null {
    this.calls.push(step)
    if (this.down) throw new ConnectorError("unavailable", step, "down")
    const dice = this.random()
    const { throttle = 0, errorBefore = 0, doneThenError = 0 } = this.faults
    if (dice < throttle)
      throw new ConnectorError("rate_limited", step, "slow down", {
        httpStatus: 429,
        retryAt: new Date(Date.now() + 5),
      })
    if (dice < throttle + errorBefore) throw new ConnectorError("unavailable", step, "500 before", { httpStatus: 500 })
    if (write && dice < throttle + errorBefore + doneThenError) {
      return () => {
        throw new ConnectorError("lost_answer", step, "500 after", { httpStatus: 500 })
      }
    }
    return null
  }

  private async taking<T>(subject: string, run: () => T): Promise<T> {
    if (this.busy.includes(subject)) this.crowded.push(subject)
    this.busy.push(subject)
    this.sideBySide = Math.max(this.sideBySide, this.busy.length)
    if (this.writeMs > 0) await new Promise((resolve) => setTimeout(resolve, this.writeMs))
    try {
      return run()
    } finally {
      this.busy.splice(this.busy.indexOf(subject), 1)
    }
  }

  private visible(id: string): RemoteObject | null {
    if ((this.visibleFrom.get(id) ?? 0) > Date.now()) return null
    return this.objects.get(id) ?? null
  }

  private write(): WritePort {
    return {
      ...(this.faults.lagMs === undefined ? {} : { readLagMs: this.faults.lagMs }),
      ...(this.parallel === null ? {} : { parallel: this.parallel }),
      observe: async () => {
        this.trouble("observe", false)
        return [...this.objects.keys()].flatMap((id) => this.visible(id) ?? []).map((object) => structuredClone(object))
      },
      find: async (kind, key) => {
        this.trouble(`find ${kind}`, false)
        return structuredClone(this.visible(idOf({ kind, key })))
      },
      ...(this.grantsComeWithClient ? { grantsComeWithClient: true } : {}),
      create: (object, marker, grants = []) =>
        this.taking(object.kind === "grant" ? splitGrantKey(object.key).client : object.key, () => {
          const after = this.trouble(`create ${object.kind} ${object.key}`, true)
          const made = this.put(object, marker)
          for (const grant of grants) if (!this.leftBehind.has(grant.key)) this.put(grant, null)
          after?.()
          return structuredClone(made)
        }),
      update: async (remoteId, object, changes) => {
        const after = this.trouble(`update ${object.kind} ${object.key}`, true)
        const there = this.objects.get(idOf(object))
        if (!there || there.remoteId !== remoteId) throw new ConnectorError("not_found", "update", "404")
        const updated = {
          ...there,
          fields: { ...there.fields, ...Object.fromEntries(changes.map(({ field, to }) => [field, to])) },
        }
        this.objects.set(idOf(object), updated)
        after?.()
        return structuredClone(updated)
      },
      remove: async (kind, remoteId, key) => {
        const after = this.trouble(`remove ${kind} ${key}`, true)
        if (this.objects.get(idOf({ kind, key }))?.remoteId === remoteId) {
          this.objects.delete(idOf({ kind, key }))
          if (kind === "client") this.secrets.delete(key)
        }
        after?.()
      },
    }
  }

  private put(object: DesiredObject, marker: string | null): RemoteObject {
    const id = idOf(object)
    if (this.objects.has(id)) throw new ConnectorError("conflict", "create", "409", { httpStatus: 409 })
    if (object.kind === "grant") {
      const { client, audience } = splitGrantKey(object.key)
      const lacks = (id: string) => !this.objects.has(id)
      if (lacks(`client ${client}`) || (this.holdsAudiences && lacks(`audience ${audience}`)))
        throw new ConnectorError("invalid", "create", "no such end")
    }
    const made: RemoteObject = { ...object, remoteId: `r${++this.next}`, marked: true, marker }
    this.objects.set(id, made)
    this.made.set(id, (this.made.get(id) ?? 0) + 1)
    if (this.faults.lagMs !== undefined) this.visibleFrom.set(id, Date.now() + this.random() * this.faults.lagMs)
    return made
  }

  private secretsPort(): SecretsPort {
    return {
      liveMax: 2,
      chooser: "caller",
      expiry: "none",
      list: "ids",
      end: "by_id",
      strategy: "overlap",
      evidenceByLog: "A",
      issue: async ({ client, value, fingerprint, marker, expiresAt }) => {
        const after = this.trouble(`issue ${client}`, true)
        const list = this.secrets.get(client) ?? []
        const known = list.find((secret) => secret.marker === marker)
        const secret = known ?? {
          remoteId: `s${++this.next}`,
          fingerprint,
          value,
          marker,
          createdAt: new Date().toISOString(),
          expiresAt,
          lastUsedAt: null,
        }
        if (!known) this.secrets.set(client, [...list, secret])
        after?.()
        return secret
      },
      listSecrets: async (client) => {
        this.trouble(`secrets ${client}`, false)
        return this.secrets.get(client) ?? []
      },
      retire: async (client, remoteId) => {
        const after = this.trouble(`retire ${client}`, true)
        this.secrets.set(
          client,
          (this.secrets.get(client) ?? []).filter((secret) => secret.remoteId !== remoteId),
        )
        after?.()
      },
    }
  }

  /** Somebody works on the provider behind Grantry's back. */
  meddle(kind: ObjectKind, key: string, fields: Fields | null): void {
    const id = idOf({ kind, key })
    const there = this.objects.get(id)
    if (fields === null) this.objects.delete(id)
    else
      this.objects.set(id, {
        kind,
        key,
        remoteId: there?.remoteId ?? `f${++this.next}`,
        marked: there?.marked ?? false,
        fields: { ...there?.fields, ...fields },
      })
  }

  /** The token endpoint: real secrets, real grants. */
  readonly fetch: GuardedFetch = async (_url, init = {}) => {
    const headers = new Headers(init.headers)
    const [id = "", secret = ""] = Buffer.from(headers.get("authorization")?.slice("Basic ".length) ?? "", "base64")
      .toString()
      .split(":")
      .map(decodeURIComponent)
    const form = new URLSearchParams(String(init.body))
    const client = this.objects.get(`client ${id}`)
    const answer = (status: number, body: object) => ({
      status,
      headers: new Headers({ "content-type": "application/json" }),
      text: JSON.stringify(body),
    })
    if (!client || client.fields.enabled === false || !this.secrets.get(id)?.some(({ value }) => value === secret))
      return answer(401, { error: "invalid_client" })
    const audience = form.get("resource") ?? ""
    const asked = (form.get("scope") ?? "").split(" ")
    const granted = this.objects.get(`grant ${id} ${audience}`)?.fields.scopes
    if (!Array.isArray(granted) || !asked.every((scope) => granted.includes(scope)))
      return answer(400, { error: "invalid_scope" })
    if (headers.get("grantry-purpose") === "canary") this.tokens++
    const { token_ttl_seconds: ttl, signing_alg: alg } = this.objects.get(`audience ${audience}`)?.fields ?? {}
    const iat = Math.floor(Date.now() / 1_000)
    const life = typeof ttl === "number" ? ttl : 300
    const claims = { aud: audience, scope: asked.join(" "), client_id: id, iat, exp: iat + life, ...this.misissues }
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
    return answer(200, {
      access_token: `${part({ alg: alg ?? "RS256" })}.${part(claims)}.c2ln`,
      token_type: "Bearer",
      expires_in: life,
      scope: asked.join(" "),
    })
  }
}
