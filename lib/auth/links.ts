import "server-only"
import { randomBytes } from "node:crypto"
import { hmacSha256 } from "../base/digest.ts"
import { conflict, notFound, Refused } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { parseInput } from "../base/parse.ts"
import { dayMs, hourMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { withTx, type Tx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { deriveKey, kek } from "../vault/key.ts"
import { checkPassword, hashPassword } from "./password.ts"
import { closeSessionsOf } from "./sessions.ts"
import { systemActor } from "./system.ts"
import { userInput, userTarget, type UserView, withNewUser } from "./users.ts"

/** One-time links: the token stands in the fragment of the address and is kept as an HMAC. */

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

/** A one-hour link that sets a new password: printed by `npm run lost-password -- EMAIL`. */
export async function lostPasswordToken(emailText: string): Promise<string> {
  const user = await db().user.findUnique({ where: { email: emailText.trim().toLowerCase() } })
  if (!user) throw notFound("user", emailText)
  return withTx(async (tx) => {
    const token = await newLink(tx, "password", hourMs, user.id)
    await record(tx, { actor: systemActor("command line"), action: "user.lost_password", target: userTarget(user) })
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
      target: userTarget(user),
    })
  })
}
