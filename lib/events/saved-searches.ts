import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize, may } from "../auth/permissions.ts"
import { conflict, notFound } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { requireVersion } from "../base/version.ts"
import { db } from "../db/client.ts"
import { isUniqueViolation } from "../db/trouble.ts"
import { type Tx, withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"

const name = z.string().trim().min(1).max(100)
/** The query string of the audit page, without its question mark. */
const query = z
  .string()
  .max(4_000)
  .refine((text) => !text.includes("\u0000") && !/[#\s]/.test(text), { error: "A query string, as an address has it." })

export const savedSearchInput = z.strictObject({ name, query, team: z.boolean().default(false) })
export const savedSearchPatch = z.strictObject({
  name: name.optional(),
  query: query.optional(),
  team: z.boolean().optional(),
})

export const savedSearchView = z.object({
  id: z.uuid(),
  name: z.string(),
  query: z.string(),
  /** Everybody who may read events sees it; only its owner changes it, and who may change the settings deletes it. */
  team: z.boolean(),
  own: z.boolean(),
  created_at: z.string(),
  version: z.int(),
})
export type SavedSearchView = Readonly<z.infer<typeof savedSearchView>>

const savedMax = 200
/** Any fixed number of 32 bits: advisory locks of this kind. */
const countLock = 427_092_614

/** One's own and those shared with the team, by name. `after` is [name, id] of the last one of the page before. */
export async function listSavedSearches(
  actor: Actor,
  page: { limit: number; after: readonly [string, string] | null },
): Promise<{ items: SavedSearchView[]; last: [string, string] | null }> {
  authorize(actor, "events:read")
  const { after } = page
  const visible = isOwner(actor) ? { OR: [{ team: true }, { userId: actor.id }] } : { team: true }
  const rest = after ? { OR: [{ name: { gt: after[0] } }, { name: after[0], id: { gt: after[1] } }] } : {}
  const rows = await db().savedSearch.findMany({
    where: { AND: [visible, rest] },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: page.limit + 1,
  })
  const items = rows.slice(0, page.limit).map((row) => viewOf(row, actor))
  const end = items.at(-1)
  return { items, last: rows.length > page.limit && end ? [end.name, end.id] : null }
}

/** One's own, or one of the team. 404 otherwise. */
export async function getSavedSearch(actor: Actor, id: string): Promise<SavedSearchView> {
  authorize(actor, "events:read")
  const row = await db().savedSearch.findUnique({ where: { id } })
  if (!row || (!row.team && row.userId !== actor.id)) throw notFound("saved search", id)
  return viewOf(row, actor)
}

/** Keeps a search under a name of one's own. Refuses 409 `name_taken`, `too_many_searches`. */
export async function saveSearch(actor: Actor, input: z.infer<typeof savedSearchInput>): Promise<SavedSearchView> {
  authorize(actor, "events:read")
  const userId = ownerId(actor)
  return underFreeName(input.name, async (tx) => {
    // One of an owner's at a time, so that each counts those before it.
    await tx.$executeRaw`select pg_advisory_xact_lock(${countLock}::int, hashtext(${userId}))`
    if ((await tx.savedSearch.count({ where: { userId } })) >= savedMax)
      throw conflict("too_many_searches", `${savedMax} searches are kept for each person. Delete one first.`)
    const row = await tx.savedSearch.create({ data: { id: newId(), userId, ...input } })
    await record(tx, { actor, action: "search.create", target: targetOf(row), after: factsOf(row) })
    return viewOf(row, actor)
  })
}

/** Renames, shares or points a search of one's own elsewhere. Refuses 404 for another's, 409 `name_taken`, 412 `stale`. */
export async function changeSearch(
  actor: Actor,
  id: string,
  patch: z.infer<typeof savedSearchPatch>,
  ifMatch: number | null,
): Promise<SavedSearchView> {
  authorize(actor, "events:read")
  const userId = ownerId(actor)
  return underFreeName(patch.name, async (tx) => {
    const before = await lockRow(tx, id)
    if (before?.userId !== userId) throw notFound("saved search", id)
    requireVersion(ifMatch, before.version)
    const { name: wanted = before.name, query: asked = before.query, team = before.team } = patch
    const row = await tx.savedSearch.update({
      where: { id },
      data: { name: wanted, query: asked, team, version: before.version + 1 },
    })
    await record(tx, {
      actor,
      action: "search.update",
      target: targetOf(row),
      before: factsOf(before),
      after: factsOf(row),
    })
    return viewOf(row, actor)
  })
}

/**
 * Forgets a search of one's own; one of the team also by who may change the settings, or nobody could once its owner is gone.
 * Refuses 404 for another's, 412 `stale`.
 */
export async function deleteSearch(actor: Actor, id: string, ifMatch: number | null): Promise<void> {
  authorize(actor, "events:read")
  await withTx(async (tx) => {
    const before = await lockRow(tx, id)
    if (before?.userId !== actor.id && !(before?.team && may(actor, "settings:write")))
      throw notFound("saved search", id)
    requireVersion(ifMatch, before.version)
    await tx.savedSearch.delete({ where: { id } })
    await record(tx, { actor, action: "search.delete", target: targetOf(before), before: factsOf(before) })
  })
}

/** Saved searches belong to a user or an API token: a client's own id is no key of a person. */
const isOwner = (actor: Actor): boolean => z.uuid().safeParse(actor.id).success

function ownerId(actor: Actor): string {
  if (!isOwner(actor)) throw conflict("no_owner", "Only users and API tokens keep searches of their own.")
  return actor.id
}

async function lockRow(tx: Tx, id: string): Promise<Row | null> {
  await tx.$queryRaw`select id from saved_search where id = ${id}::uuid for update`
  return tx.savedSearch.findUnique({ where: { id } })
}

/** A transaction that the index on owner and name ends with 409 `name_taken`. */
const underFreeName = <T>(wanted: string | undefined, run: (tx: Tx) => Promise<T>): Promise<T> =>
  withTx(run).catch((error: unknown) => {
    if (isUniqueViolation(error)) throw conflict("name_taken", `You have a search named ${wanted ?? ""} already.`)
    throw error
  })

interface Row {
  readonly id: string
  readonly name: string
  readonly query: string
  readonly userId: string
  readonly team: boolean
  readonly createdAt: Date
  readonly version: number
}

const targetOf = (row: Row) => ({ kind: "search", id: row.id, name: row.name })
const factsOf = ({ name: called, query: asked, team }: Row) => ({ name: called, query: asked, team })
const viewOf = (row: Row, actor: Actor): SavedSearchView => ({
  id: row.id,
  name: row.name,
  query: row.query,
  team: row.team,
  own: row.userId === actor.id,
  created_at: row.createdAt.toISOString(),
  version: row.version,
})
