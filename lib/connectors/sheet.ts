/** What a kind of provider takes, can and cannot, as data: the connect page, the capability page and docs/connectors.md read it. */
import { z } from "zod"
import { isObject } from "../base/json.ts"
import type { Privilege, ProviderKind, Verification } from "./kind.ts"
import { isPort, type Cannot, type Connector, type Opened } from "./port.ts"
import { eventFacts, eventsWhy, secretFacts, secretsWhy, writeFacts } from "./words.ts"

export const portNames = ["write", "secrets", "introspection", "events", "changes"] as const
export type PortName = (typeof portNames)[number]

/** A port, or the reason why there is none. */
export interface PortSheet {
  readonly name: PortName
  readonly can: boolean
  /** What the port offers, or why there is none. */
  readonly why: string
  /** Where the reason is written; null where the port is there. */
  readonly source: string | null
  /** The port's literals, for programs. */
  readonly detail: Readonly<Record<string, unknown>>
  /** The same, a sentence each. */
  readonly facts: readonly string[]
}

export interface SettingField {
  readonly name: string
  /** Sealed once it is stored, and never answered. */
  readonly secret: boolean
  readonly required: boolean
  /** A key, a certificate or a document: it has lines. */
  readonly lines: boolean
  readonly choices: readonly string[]
  readonly fallback: string | null
  readonly description: string
}

export interface KindSheet {
  readonly kind: string
  readonly title: string
  readonly versions: string
  readonly verified: readonly Verification[]
  readonly privileges: readonly Privilege[]
  readonly mapping: ProviderKind["mapping"]
  readonly fields: readonly SettingField[]
  /** As they are with only the settings that are needed. */
  readonly ports: readonly PortSheet[]
}

/** Pure: the ports of an opened connector. Calls nothing. */
export function portsOf({ write, secrets, introspection, events, changes }: Connector): readonly PortSheet[] {
  return [
    sheet("write", write, () => ({
      why: "Clients, audiences and grants are planned and applied here.",
      detail: isPort(write) ? { parallel: write.parallel ?? 1, read_lag_ms: write.readLagMs ?? 0 } : {},
      facts: isPort(write) ? writeFacts(write) : [],
    })),
    sheet("secrets", secrets, () =>
      isPort(secrets)
        ? {
            why: secretsWhy(secrets),
            detail: {
              live_max: secrets.liveMax,
              chooser: secrets.chooser,
              expiry: secrets.expiry,
              list: secrets.list,
              end: secrets.end,
              strategy: secrets.strategy,
              strategy_by_state: secrets.strategyOf !== undefined,
              settle_ms: secrets.settleMs ?? 0,
              evidence_by_log: secrets.evidenceByLog,
            },
            facts: secretFacts(secrets),
          }
        : nothing,
    ),
    sheet("introspection", introspection, () => ({
      ...nothing,
      why: "Any token of this provider can be introspected from here.",
    })),
    sheet("events", events, () =>
      isPort(events)
        ? {
            why: eventsWhy(events),
            detail: { every_seconds: events.everySeconds, provenance: events.provenance },
            facts: eventFacts(events),
          }
        : nothing,
    ),
    sheet("changes", changes, () => ({
      ...nothing,
      why: "Drift is told with its author: the provider's own log says who changed what.",
    })),
  ]
}

const nothing = { why: "", detail: {}, facts: [] }

function sheet(
  name: PortName,
  port: object | Cannot,
  told: () => Pick<PortSheet, "why" | "detail" | "facts">,
): PortSheet {
  if ("cannot" in port)
    return {
      name,
      can: false,
      why: String(port.cannot),
      source: "source" in port ? String(port.source) : null,
      detail: {},
      facts: [],
    }
  return { name, can: true, source: null, ...told() }
}

/** Pure: one kind with its settings and ports. Throws where no sample of its settings can be made. */
export function sheetOf(kind: ProviderKind): KindSheet {
  const { kind: name, title, versions, verified, privileges, mapping } = kind
  return {
    kind: name,
    title,
    versions,
    verified,
    privileges,
    mapping,
    fields: fieldsOf(kind),
    ports: portsOf(kind.open({ ...asleep, settings: sampleOf(kind) })),
  }
}

/** By its name a field that takes a document: a JWK, a PEM, a JSON key file. */
const manyLines = /(_jwk|_pem|_json|_ca|_cert)$|^grpc_key$/
const text = (value: unknown): string | null => (typeof value === "string" ? value : null)

function fieldsOf({ settings, secrets }: ProviderKind): readonly SettingField[] {
  const { properties = {}, required = [] } = z.toJSONSchema(settings, { io: "input" })
  return Object.entries(properties).map(([name, given]) => {
    const schema = isObject(given) ? given : {}
    return {
      name,
      secret: secrets.includes(name),
      required: required.includes(name),
      lines: manyLines.test(name),
      choices: Array.isArray(schema.enum) ? schema.enum.map(String) : [],
      fallback: text(schema.default),
      description: text(schema.description) ?? "",
    }
  })
}

const sampleJwk = JSON.stringify({ kty: "RSA", kid: "sample", alg: "RS256", n: "AQAB", e: "AQAB", d: "AQAB" })

/** Settings that this kind takes, with nothing real in them: those it needs, all of them where these do not do. */
function sampleOf(kind: ProviderKind): Record<string, unknown> {
  const { properties = {}, required = [] } = z.toJSONSchema(kind.settings, { io: "input" })
  const sample = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, sampleValue(name, properties[name])]))
  const [some, all] = [required, Object.keys(properties)].map((names) => kind.settings.safeParse(sample(names)))
  const fits = some?.success ? some : all
  if (!fits?.success)
    throw new Error(`no sample of the settings of kind ${kind.kind} can be made: ${fits?.error.message}`)
  return fits.data
}

function sampleValue(name: string, given: unknown): unknown {
  const schema = isObject(given) ? given : {}
  if (Array.isArray(schema.examples)) return schema.examples[0]
  if (schema.default !== undefined) return schema.default
  if (Array.isArray(schema.enum)) return schema.enum[0]
  if (schema.format === "uri") return "https://idp.example.com"
  if (schema.format === "uuid") return "00000000-0000-4000-8000-000000000000"
  return name.endsWith("_jwk") ? sampleJwk : "sample"
}

/** What a connector is opened with to be looked at: it may call nobody, and remembers nothing. */
const asleep: Omit<Opened, "settings"> = {
  providerId: "00000000-0000-7000-8000-000000000000",
  fetch: () => Promise.reject(new Error("a connector that is only looked at calls nobody")),
  memory: { read: async () => null, write: async () => undefined },
  fingerprint: () => "",
}
