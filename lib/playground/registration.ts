import "server-only"
import { randomBytes } from "node:crypto"
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { z } from "zod"
import { ensureApiToken } from "../auth/api-tokens.ts"
import type { Permission } from "../auth/permissions.ts"
import { systemActor } from "../auth/system.ts"
import { newApiToken } from "../auth/tokens.ts"
import { newId } from "../base/id.ts"
import { Secret } from "../base/secret.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { open, seal } from "../vault/seal.ts"
import type { Env } from "../env.ts"

const actor = systemActor("set-up")
const idpFile = z.looseObject({
  port: z.int(),
  issuer: z.string(),
  admin_token: z.string(),
  ingest_token: z.string(),
  source_id: z.string().optional(),
})
const fleetFile = z.looseObject({ api_url: z.string(), api_token: z.string() })
const sourceName = "local identity provider"

/** What the demo fleet does, it does over the public API, as any user of it. */
const fleetPermissions: readonly Permission[] = [
  "registry:read",
  "registry:write",
  "providers:read",
  "plans:read",
  "plans:write",
  "plans:apply",
  "secrets:read",
  "secrets:reveal",
  "rotations:read",
  "rotations:write",
  "settings:read",
  "settings:write",
  "events:read",
  "events:write",
]

function readFile<T>(path: string, shape: z.ZodType<T>): T | null {
  return existsSync(path) ? shape.parse(JSON.parse(readFileSync(path, "utf8"))) : null
}

function writePrivate(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value, null, 2), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/**
 * The local identity provider's place in Grantry: its provider row, its event source, the tokens by which the two talk,
 * and `local-idp.json`. Port and issuer are kept for ever, so that a changed PORT orphans nobody.
 */
export async function registerLocalIdp(
  env: Pick<Env, "dataDir" | "port" | "localIdpPort">,
  freePort: (from: number) => Promise<number>,
): Promise<void> {
  const path = join(env.dataDir, "local-idp.json")
  const known = readFile(path, idpFile)
  const port = known?.port ?? env.localIdpPort ?? (await portOfIssuer()) ?? (await freePort(env.port + 1))
  const settings = known ?? {
    port,
    issuer: `http://127.0.0.1:${port}`,
    admin_token: randomBytes(32).toString("base64url"),
    ingest_token: newApiToken(),
  }
  if (!known) writePrivate(path, settings)
  const sourceId = await ensureSource()
  // The provider tells its watermark by the source's id; a source that was removed and made again has another one.
  if (settings.source_id !== sourceId) writePrivate(path, { ...settings, source_id: sourceId })
  await ensureApiToken(actor, settings.ingest_token, sourceName, ["events:write"], sourceId)
  await ensureProvider(settings.issuer, settings.admin_token)
}

/** The port of the issuer in a restored database: tokens of before name it. */
async function portOfIssuer(): Promise<number | null> {
  const row = await db().provider.findFirst({ where: { kind: "local" }, select: { issuer: true } })
  return Number(URL.parse(row?.issuer ?? "")?.port) || null
}

/** By its kind, which nobody else can make: people may have renamed it, and given its name to a source of theirs. */
async function ensureSource(): Promise<string> {
  const known = await db().source.findFirst({ where: { kind: "local_idp" }, orderBy: { id: "asc" } })
  if (known) return known.id
  return withTx(async (tx) => {
    const id = newId()
    const taken = (await tx.source.count({ where: { name: sourceName } })) > 0
    const name = taken ? `${sourceName} ${id.slice(-4)}` : sourceName
    const source = await tx.source.create({
      data: { id, name, kind: "local_idp", silentAfterSeconds: 120, createdBy: actor.name },
    })
    await record(tx, { actor, action: "source.create", target: { kind: "source", id: source.id, name: source.name } })
    return source.id
  })
}

async function ensureProvider(issuer: string, adminToken: string): Promise<void> {
  const endpoints = {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    jwksUri: `${issuer}/jwks`,
    introspectionEndpoint: `${issuer}/token/introspection`,
  }
  // The same words as lib/providers/settings.ts, which opens it.
  const context = (id: string) => ({ table: "provider", id, field: "admin_token" })
  await withTx(async (tx) => {
    const known = await tx.provider.findFirst({ where: { kind: "local" } })
    if (known) {
      const sealed = known.sealedSettings as { admin_token?: unknown } | null
      if (known.issuer === issuer && opensTo(sealed?.admin_token, context(known.id), adminToken)) return
      await tx.provider.update({
        where: { id: known.id },
        data: {
          ...endpoints,
          settings: { issuer },
          sealedSettings: { admin_token: seal(new Secret(adminToken), context(known.id)) },
          version: { increment: 1 },
        },
      })
      await record(tx, {
        actor,
        action: "provider.update",
        target: { kind: "provider", id: known.id, name: known.name },
        after: endpoints,
      })
      return
    }
    const id = newId()
    await tx.provider.create({
      data: {
        id,
        kind: "local",
        name: "local",
        environment: "development",
        ...endpoints,
        settings: { issuer },
        sealedSettings: { admin_token: seal(new Secret(adminToken), context(id)) },
      },
    })
    await record(tx, {
      actor,
      action: "provider.create",
      target: { kind: "provider", id, name: "local" },
      after: endpoints,
    })
  })
}

function opensTo(sealed: unknown, context: Record<string, string>, value: string): boolean {
  try {
    return open(sealed, context).reveal() === value
  } catch {
    return false
  }
}

/** The demo fleet's token and `fleet.json`. The address follows PORT and HOST. */
export async function registerFleet(env: Env, apiUrl: string): Promise<void> {
  const path = join(env.dataDir, "fleet.json")
  const known = readFile(path, fleetFile)
  const settings = { ...known, api_url: apiUrl, api_token: known?.api_token ?? newApiToken() }
  if (known?.api_url !== apiUrl) writePrivate(path, settings)
  await ensureApiToken(actor, settings.api_token, "demo fleet", fleetPermissions, null)
}
