import { resolve } from "node:path"
import { z } from "zod"

/** The only reader of the process environment. Every name is described in README.md and contract section 1. */
export interface Env {
  readonly port: number
  readonly host: string
  /** The address people and providers see, without a trailing slash. */
  readonly publicUrl: string
  readonly dataDir: string
  /** Null: embedded Postgres (the supervisor sets it for its children). */
  readonly databaseUrl: string | null
  readonly bootstrapToken: string | null
  readonly adminEmail: string | null
  readonly adminPassword: string | null
  /** Names, addresses and CIDRs that outgoing requests may reach. */
  readonly allowHosts: readonly string[]
  readonly localIdp: boolean
  readonly localIdpPort: number | null
  readonly demo: boolean
  /** As given: a base64url key of 32 bytes, `file:PATH` or `cmd:COMMAND`. Null: the file `key` of the data folder. */
  readonly key: string | null
  readonly production: boolean
}

/** A setting that cannot be used: one clear line for the terminal, naming the variable and what it wants. */
export class BadSetting extends Error {
  constructor(name: string, why: string) {
    super(`${name} ${why}`)
    this.name = "BadSetting"
  }
}

const portText = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((n) => n >= 1 && n <= 65_535)
const bootstrapTokenText = /^gty_[A-Za-z0-9_-]{32,}$/

function port(source: NodeJS.ProcessEnv, name: string): number | null {
  const text = source[name]
  if (text === undefined || text === "") return null
  const parsed = portText.safeParse(text)
  if (!parsed.success) throw new BadSetting(name, `must be a port from 1 to 65535, not "${text}".`)
  return parsed.data
}

function onOff(source: NodeJS.ProcessEnv, name: string, fallback: boolean): boolean {
  const text = source[name]?.toLowerCase()
  if (text === undefined || text === "") return fallback
  if (["on", "true", "1", "yes"].includes(text)) return true
  if (["off", "false", "0", "no"].includes(text)) return false
  throw new BadSetting(name, `must be "on" or "off", not "${text}".`)
}

function url(source: NodeJS.ProcessEnv, name: string, schemes: readonly string[]): string | null {
  const text = source[name]
  if (text === undefined || text === "") return null
  const parsed = URL.parse(text)
  if (!parsed || !schemes.includes(parsed.protocol)) {
    throw new BadSetting(name, `must be an address that starts with ${schemes.map((s) => `${s}//`).join(" or ")}.`)
  }
  return text
}

const text = (source: NodeJS.ProcessEnv, name: string): string | null => source[name] || null

export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const listenPort = port(source, "PORT") ?? 3000
  const host = text(source, "HOST") ?? "127.0.0.1"
  const bootstrapToken = text(source, "GRANTRY_BOOTSTRAP_TOKEN")
  if (bootstrapToken && !bootstrapTokenText.test(bootstrapToken)) {
    throw new BadSetting("GRANTRY_BOOTSTRAP_TOKEN", 'must be "gty_" and at least 32 characters of A-Z a-z 0-9 _ -.')
  }
  // Events would go elsewhere than asked, and nobody would know.
  if (text(source, "CLICKHOUSE_URL")) {
    throw new BadSetting("CLICKHOUSE_URL", "cannot be used yet: this version keeps token events in Postgres. Unset it.")
  }
  const shownHost = host.includes(":") ? `[${host}]` : host
  const publicUrl = url(source, "GRANTRY_PUBLIC_URL", ["http:", "https:"]) ?? `http://${shownHost}:${listenPort}`
  return {
    port: listenPort,
    host,
    publicUrl: publicUrl.replace(/\/+$/, ""),
    dataDir: resolve(text(source, "GRANTRY_DATA_DIR") ?? ".data"),
    databaseUrl: url(source, "DATABASE_URL", ["postgres:", "postgresql:"]),
    bootstrapToken,
    adminEmail: text(source, "GRANTRY_ADMIN_EMAIL"),
    adminPassword: text(source, "GRANTRY_ADMIN_PASSWORD"),
    allowHosts: (text(source, "GRANTRY_ALLOW_HOSTS") ?? "").split(/[\s,]+/).filter(Boolean),
    localIdp: onOff(source, "GRANTRY_LOCAL_IDP", true),
    localIdpPort: port(source, "GRANTRY_LOCAL_IDP_PORT"),
    demo: onOff(source, "GRANTRY_DEMO", false),
    key: text(source, "GRANTRY_KEY"),
    production: source.NODE_ENV === "production",
  }
}
