import "server-only"
import { randomBytes } from "node:crypto"
import { z } from "zod"
import { hmacSha256 } from "../base/digest.ts"
import { conflict, invalid, notFound, Refused, staleEtag } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { parseInput } from "../base/parse.ts"
import { dayMs, hourMs } from "../base/time.ts"
import { requireVersion } from "../base/version.ts"
import { db } from "../db/client.ts"
import { withTx, type Tx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { deriveKey, kek } from "../vault/key.ts"
import type { Actor } from "./actor.ts"
import { checkPassword, hashPassword, passwordFits } from "./password.ts"
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

const target = (row: { id: string; email: string }) => ({ kind: "user", id: row.id, name: row.email })

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

async function withNewUser(
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
    await record(tx, { actor, action: "user.create", target: target(row), after: userView(row) })
    return userView(row)
  })
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
    await record(tx, { actor, action, target: target(after), before: userView(before), after: userView(after) })
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

/** The signed-in user's own password. Other sessions end. */
export async function changePassword(
  actor: Actor,
  current: string,
  next: string,
  sessionId: string | null,
): Promise<void> {
  const row = actor.kind === "user" ? await db().user.findUnique({ where: { id: actor.id } }) : null
  if (!row) throw new Refused("not_a_user", "Only a signed-in user has a password.", { status: 403 })
  if (!(await passwordFits(row.passwordHash, current)))
    throw invalid("current_password", "wrong", "The current password is not right.")
  checkPassword(next, row.email)
  const passwordHash = await hashPassword(next)
  await withTx(async (tx) => {
    await tx.user.update({ where: { id: row.id }, data: { passwordHash, version: { increment: 1 } } })
    await closeSessionsOf(tx, row.id, sessionId ?? undefined)
    await record(tx, { actor, action: "user.password_change", target: target(row) })
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

// ------------------------------------------------------------------ one-time links

const linkHmac = (token: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hmacSha256(deriveKey(kek(), "link"), token))

async function newLink(tx: Tx, purpose: "setup" | "password", lifeMs: number, userId?: string): Promise<string> {
  const token = randomBytes(24).toString("base64url")
  await tx.oneTimeLink.updateMany({
    where: { purpose, usedAt: null, ...(userId ? { userId } : {}) },
    data: { usedAt: new Date() },
  })
  await tx.oneTimeLink.create({
    data: {
      id: newId(),
      purpose,
      hmac: linkHmac(token),
      userId: userId ?? null,
      expiresAt: new Date(Date.now() + lifeMs),
    },
  })
  return token
}

async function useLink(tx: Tx, purpose: "setup" | "password", token: string): Promise<{ userId: string | null }> {
  const link = await tx.oneTimeLink.findUnique({ where: { hmac: linkHmac(token) } })
  const { count } = link
    ? await tx.oneTimeLink.updateMany({
        where: { id: link.id, purpose, usedAt: null, expiresAt: { gt: new Date() } },
        data: { usedAt: new Date() },
      })
    : { count: 0 }
  if (!link || count === 0)
    throw new Refused(
      "link_used",
      "This link was used or is no longer valid. Start Grantry again, or ask for another one.",
      { status: 410 },
    )
  return { userId: link.userId }
}

/** True while there is no user at all: the one time that /setup works. */
export const setupNeeded = async (): Promise<boolean> => (await db().user.count()) === 0

/** A fresh set-up token, null when there is a user already. Earlier ones end. */
export async function setupToken(): Promise<string | null> {
  if (!(await setupNeeded())) return null
  return withTx((tx) => newLink(tx, "setup", dayMs))
}

export async function createFirstAdmin(
  token: string,
  input: { email: string; name: string; password: string },
): Promise<UserView> {
  const checked = parseInput(userInput, { ...input, role: "admin" })
  return withNewUser(systemActor("setup"), checked, async (tx) => {
    if ((await tx.user.count()) > 0) throw conflict("already_set_up", "Grantry is set up. Sign in instead.")
    await useLink(tx, "setup", token)
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

/** A one-hour link that sets a new password: printed by `npm run lost-password -- EMAIL`. */
export async function lostPasswordToken(emailText: string): Promise<string> {
  const user = await db().user.findUnique({ where: { email: emailText.trim().toLowerCase() } })
  if (!user) throw notFound("user", emailText)
  return withTx(async (tx) => {
    const token = await newLink(tx, "password", hourMs, user.id)
    await record(tx, { actor: systemActor("command line"), action: "user.lost_password", target: target(user) })
    return token
  })
}

export async function resetPassword(token: string, password: string): Promise<void> {
  const passwordHash = await hashPassword(password)
  await withTx(async (tx) => {
    const { userId } = await useLink(tx, "password", token)
    const user = await tx.user.findUniqueOrThrow({ where: { id: userId ?? "" } })
    checkPassword(password, user.email)
    await tx.user.update({ where: { id: user.id }, data: { passwordHash, version: { increment: 1 } } })
    await closeSessionsOf(tx, user.id)
    await record(tx, {
      actor: { kind: "user", id: user.id, name: user.email, requestId: null },
      action: "user.password_change",
      target: target(user),
    })
  })
}
