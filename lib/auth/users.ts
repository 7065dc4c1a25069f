import "server-only"
import { z } from "zod"
import { conflict, invalid, notFound, Refused, staleEtag } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { parseInput } from "../base/parse.ts"
import { requireVersion } from "../base/version.ts"
import { db } from "../db/client.ts"
import { withTx, type Tx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import type { Actor } from "./actor.ts"
import { guessPassword, tooManyGuesses } from "./guess.ts"
import { checkPassword, hashPassword } from "./password.ts"
import { authorize, roles, type Role } from "./permissions.ts"
import { closeSessionsOf } from "./sessions.ts"
import { systemActor } from "./system.ts"

export const email = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.email({ error: "This is not an email address." }))
  .pipe(z.string().max(320))
export const userInput = z.strictObject({
  email,
  name: z.string().trim().min(1).max(200),
  role: z.enum(roles),
  password: z.string(),
})
export const userPatch = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  role: z.enum(roles).optional(),
  disabled: z.boolean().optional(),
})

export interface UserView {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly disabled: boolean
  readonly created_at: string
  readonly version: number
}

interface UserRow {
  id: string
  email: string
  name: string
  role: string
  disabledAt: Date | null
  createdAt: Date
  version: number
}

export const userView = (row: UserRow): UserView => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role as Role,
  disabled: row.disabledAt !== null,
  created_at: row.createdAt.toISOString(),
  version: row.version,
})

/** How the trail names a user. */
export const userTarget = (row: { id: string; email: string }) => ({ kind: "user", id: row.id, name: row.email })

/** Oldest first (ids sort by time). `after` is the last id of the page before. */
export async function listUsers(
  actor: Actor,
  page: { limit: number; after: string | null },
): Promise<{ items: UserView[]; last: string | null }> {
  authorize(actor, "settings:read")
  const rows = await db().user.findMany({
    ...(page.after === null ? {} : { where: { id: { gt: page.after } } }),
    orderBy: { id: "asc" },
    take: page.limit + 1,
  })
  const items = rows.slice(0, page.limit).map(userView)
  return { items, last: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null }
}

export async function getUser(actor: Actor, id: string): Promise<UserView> {
  if (actor.id !== id) authorize(actor, "settings:read")
  const row = await db().user.findUnique({ where: { id } })
  if (!row) throw notFound("user", id)
  return userView(row)
}

export async function createUser(actor: Actor, input: z.infer<typeof userInput>): Promise<UserView> {
  authorize(actor, "users:write")
  return withNewUser(actor, input, async () => {})
}

/** Writes the user and the trail entry, after what `also` does in the same transaction. Refuses 409 `user_exists`. */
export async function withNewUser(
  actor: Actor,
  input: z.infer<typeof userInput>,
  also: (tx: Tx) => Promise<void>,
): Promise<UserView> {
  checkPassword(input.password, input.email)
  const passwordHash = await hashPassword(input.password)
  return withTx(async (tx) => {
    await also(tx)
    if (await tx.user.findUnique({ where: { email: input.email } }))
      throw conflict("user_exists", `There is a user ${input.email} already.`)
    const row = await tx.user.create({
      data: { id: newId(), email: input.email, name: input.name, role: input.role, passwordHash },
    })
    await record(tx, { actor, action: "user.create", target: userTarget(row), after: userView(row) })
    return userView(row)
  })
}

/** By environment: the first admin, made if there is none. Returns whether one was made. */
export async function ensureAdmin(emailText: string, password: string): Promise<boolean> {
  if ((await db().user.count({ where: { role: "admin" } })) > 0) return false
  await withNewUser(
    systemActor("environment"),
    parseInput(userInput, { email: emailText, name: "Administrator", role: "admin", password }),
    async () => {},
  )
  return true
}

/** Name, role, disabled. The last admin stays one; nobody raises, lowers or disables themself. */
export async function updateUser(
  actor: Actor,
  id: string,
  patch: z.infer<typeof userPatch>,
  ifMatch: number | null,
): Promise<UserView> {
  authorize(actor, "users:write")
  return withTx(async (tx) => {
    const before = await tx.user.findUnique({ where: { id } })
    if (!before) throw notFound("user", id)
    requireVersion(ifMatch, before.version)
    if (actor.id === id && (patch.role !== undefined || patch.disabled !== undefined))
      throw new Refused("own_role", "Nobody changes their own role or disables themself. Ask another administrator.", {
        status: 403,
      })
    const role = patch.role ?? before.role
    const disabledAt =
      patch.disabled === undefined ? before.disabledAt : patch.disabled ? (before.disabledAt ?? new Date()) : null
    if (before.role === "admin" && !before.disabledAt && (role !== "admin" || disabledAt)) await refuseLastAdmin(tx, id)
    const { count } = await tx.user.updateMany({
      where: { id, version: before.version },
      data: { name: patch.name ?? before.name, role, disabledAt, version: { increment: 1 } },
    })
    if (count === 0) throw staleEtag(`"${before.version + 1}"`)
    if (role !== before.role || disabledAt) await closeSessionsOf(tx, id)
    const after = await tx.user.findUniqueOrThrow({ where: { id } })
    const action = patch.disabled === true ? "user.disable" : patch.disabled === false ? "user.enable" : "user.update"
    await record(tx, { actor, action, target: userTarget(after), before: userView(before), after: userView(after) })
    return userView(after)
  })
}

/** Locks the administrators: of two who lower each other at once, the second one sees what the first one did. */
async function refuseLastAdmin(tx: Tx, id: string): Promise<void> {
  const admins = await tx.$queryRaw<
    { id: string }[]
  >`select id from user_account where role = 'admin' and disabled_at is null order by id for update`
  if (!admins.some((admin) => admin.id !== id))
    throw conflict("last_admin", "This is the last administrator. Make another one first.")
}

/** The signed-in user's own password. Other sessions end. 403 `not_a_user`, 422 `wrong`, 429 `too_many_attempts`. */
export async function changePassword(
  actor: Actor,
  current: string,
  next: string,
  sessionId: string | null,
): Promise<void> {
  const row = actor.kind === "user" ? await db().user.findUnique({ where: { id: actor.id } }) : null
  if (!row) throw new Refused("not_a_user", "Only a signed-in user has a password.", { status: 403 })
  checkPassword(next, row.email)
  const guess = await guessPassword({ email: row.email, ip: null, stored: row.passwordHash }, current)
  if (guess === "too_many") throw tooManyGuesses()
  if (guess === "wrong") {
    await withTx((tx) => record(tx, { actor, action: "user.password_change_failed", target: userTarget(row) }))
    throw invalid("current_password", "wrong", "The current password is not right.")
  }
  const passwordHash = await hashPassword(next)
  await withTx(async (tx) => {
    await tx.user.update({ where: { id: row.id }, data: { passwordHash, version: { increment: 1 } } })
    await closeSessionsOf(tx, row.id, sessionId ?? undefined)
    await record(tx, { actor, action: "user.password_change", target: userTarget(row) })
  })
}

export async function signOutEverywhere(actor: Actor): Promise<void> {
  if (actor.kind !== "user") throw new Refused("not_a_user", "Only a signed-in user has sessions.", { status: 403 })
  await withTx(async (tx) => {
    const closed = await closeSessionsOf(tx, actor.id)
    await record(tx, {
      actor,
      action: "user.sign_out_everywhere",
      target: { kind: "user", id: actor.id, name: actor.name },
      after: { sessions: closed },
    })
  })
}
