import "server-only"
import { z } from "zod"
import { conflict, forbidden, invalid, notFound, staleEtag } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { requireVersion } from "../base/version.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import type { Actor } from "./actor.ts"
import { allPermissions, authorize, isPermission, type Permission } from "./permissions.ts"
import { refuseProviderLog } from "./provider-log.ts"
import { apiTokenHmac, newApiToken } from "./tokens.ts"

const permission = z.string().refine(isPermission, { error: "There is no such permission." })

const inThePast = () => invalid("expires_at", "in_the_past", "The end must lie in the future.")

export const apiTokenInput = z.strictObject({
  name: z.string().trim().min(1).max(200),
  permissions: z.array(permission).min(1).max(allPermissions.length),
  expires_at: z.iso.datetime({ offset: true }).nullish(),
  source_id: z.uuid().nullish(),
})
export const apiTokenPatch = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  expires_at: z.iso.datetime({ offset: true }).nullable().optional(),
})

interface Row {
  id: string
  name: string
  hint: string
  permissions: string[]
  sourceId: string | null
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
  createdBy: string
  createdAt: Date
  version: number
}

export const apiTokenView = (row: Row) => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  permissions: row.permissions,
  source_id: row.sourceId,
  expires_at: row.expiresAt?.toISOString() ?? null,
  revoked_at: row.revokedAt?.toISOString() ?? null,
  last_used_at: row.lastUsedAt?.toISOString() ?? null,
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  version: row.version,
})
export type ApiTokenView = ReturnType<typeof apiTokenView>

/** Newest first (ids sort by time), those that are not revoked. `after` is the last id of the page before. */
export async function listApiTokens(
  actor: Actor,
  page: { limit: number; after: string | null },
): Promise<{ items: ApiTokenView[]; last: string | null }> {
  authorize(actor, "settings:read")
  const rows = await db().apiToken.findMany({
    where: { revokedAt: null, ...(page.after === null ? {} : { id: { lt: page.after } }) },
    orderBy: { id: "desc" },
    take: page.limit + 1,
  })
  const items = rows.slice(0, page.limit).map(apiTokenView)
  return { items, last: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null }
}

export async function getApiToken(actor: Actor, id: string): Promise<ApiTokenView> {
  authorize(actor, "settings:read")
  const row = await db().apiToken.findUnique({ where: { id } })
  if (!row) throw notFound("API token", id)
  return apiTokenView(row)
}

/**
 * Makes a token and answers its value, once. Nobody gives a permission that they do not have (403), and nobody a voice to a
 * provider's own log (409 `source_of_provider`).
 */
export async function createApiToken(
  actor: Actor,
  input: z.infer<typeof apiTokenInput>,
): Promise<ApiTokenView & { token: string }> {
  authorize(actor, "settings:write")
  const beyond = input.permissions.find((p) => !actor.permissions.has(p as Permission))
  if (beyond) throw forbidden(beyond)
  const expiresAt = input.expires_at ? new Date(input.expires_at) : null
  if (expiresAt && expiresAt <= new Date()) throw inThePast()
  const token = newApiToken()
  const row = await withTx(async (tx) => {
    if (input.source_id) {
      const source = await tx.source.findUnique({ where: { id: input.source_id } })
      if (!source) throw invalid("source_id", "unknown", "There is no such source.")
      refuseProviderLog(source, "send")
    }
    const made = await tx.apiToken.create({
      data: {
        id: newId(),
        name: input.name,
        hmac: apiTokenHmac(token),
        hint: token.slice(-4),
        permissions: [...new Set(input.permissions)],
        sourceId: input.source_id ?? null,
        expiresAt,
        createdBy: actor.name,
      },
    })
    await record(tx, {
      actor,
      action: "api_token.create",
      target: { kind: "api_token", id: made.id, name: made.name },
      after: apiTokenView(made),
    })
    return made
  })
  return { ...apiTokenView(row), token }
}

export async function updateApiToken(
  actor: Actor,
  id: string,
  patch: z.infer<typeof apiTokenPatch>,
  ifMatch: number | null,
): Promise<ApiTokenView> {
  authorize(actor, "settings:write")
  return withTx(async (tx) => {
    const before = await tx.apiToken.findUnique({ where: { id } })
    if (!before) throw notFound("API token", id)
    requireVersion(ifMatch, before.version)
    if (before.revokedAt) throw conflict("token_revoked", "This token is revoked.")
    const expiresAt = patch.expires_at ? new Date(patch.expires_at) : null
    if (expiresAt && expiresAt <= new Date()) throw inThePast()
    const { count } = await tx.apiToken.updateMany({
      where: { id, version: before.version },
      data: {
        name: patch.name ?? before.name,
        ...(patch.expires_at === undefined ? {} : { expiresAt }),
        version: { increment: 1 },
      },
    })
    if (count === 0) throw staleEtag(String(before.version + 1))
    const after = await tx.apiToken.findUniqueOrThrow({ where: { id } })
    await record(tx, {
      actor,
      action: "api_token.update",
      target: { kind: "api_token", id, name: after.name },
      before: apiTokenView(before),
      after: apiTokenView(after),
    })
    return apiTokenView(after)
  })
}

export async function revokeApiToken(actor: Actor, id: string, ifMatch: number | null): Promise<void> {
  authorize(actor, "settings:write")
  await withTx(async (tx) => {
    const before = await tx.apiToken.findUnique({ where: { id } })
    if (!before || before.revokedAt) throw notFound("API token", id)
    requireVersion(ifMatch, before.version)
    const { count } = await tx.apiToken.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: new Date(), version: { increment: 1 } },
    })
    if (count === 0) throw notFound("API token", id)
    await record(tx, {
      actor,
      action: "api_token.revoke",
      target: { kind: "api_token", id, name: before.name },
      before: apiTokenView(before),
    })
  })
}

/** A token that Grantry gives itself or takes from the environment: made, or found unchanged, under a fixed name. */
export async function ensureApiToken(
  actor: Actor,
  token: string,
  name: string,
  permissions: readonly Permission[],
  sourceId: string | null,
): Promise<void> {
  const hmac = apiTokenHmac(token)
  await withTx(async (tx) => {
    const known = await tx.apiToken.findUnique({ where: { hmac } })
    if (known && !known.revokedAt) {
      const same =
        known.permissions.length === permissions.length && permissions.every((p) => known.permissions.includes(p))
      if (same) return
      const after = await tx.apiToken.update({
        where: { id: known.id },
        data: { permissions: [...permissions], version: { increment: 1 } },
      })
      await record(tx, {
        actor,
        action: "api_token.update",
        target: { kind: "api_token", id: known.id, name },
        before: apiTokenView(known),
        after: apiTokenView(after),
      })
      return
    }
    const old = await tx.apiToken.findMany({ where: { name, createdBy: actor.name, revokedAt: null } })
    await tx.apiToken.updateMany({ where: { id: { in: old.map((o) => o.id) } }, data: { revokedAt: new Date() } })
    const row = known
      ? await tx.apiToken.update({
          where: { id: known.id },
          data: { revokedAt: null, permissions: [...permissions], version: { increment: 1 } },
        })
      : await tx.apiToken.create({
          data: {
            id: newId(),
            name,
            hmac,
            hint: token.slice(-4),
            permissions: [...permissions],
            sourceId,
            createdBy: actor.name,
          },
        })
    const revoked = old.map((o) => ({
      actor,
      action: "api_token.revoke" as const,
      target: { kind: "api_token", id: o.id, name },
      before: apiTokenView(o),
    }))
    await record(tx, ...revoked, {
      actor,
      action: "api_token.create",
      target: { kind: "api_token", id: row.id, name },
      after: apiTokenView(row),
    })
  })
}
