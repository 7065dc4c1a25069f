import "server-only"
import { newId } from "../base/id.ts"
import { hourMs, minuteMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import type { Tx } from "../db/tx.ts"
import type { Actor } from "./actor.ts"
import { permissionsOfRole, roles, type Role } from "./permissions.ts"

/** reliability.md G22: idle 30 minutes, absolute 12 hours, revocation at the next request. */
const idleMs = 30 * minuteMs
const absoluteMs = 12 * hourMs
const touchMs = minuteMs

export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text)

export async function openSession(
  userId: string,
  from: { ip: string | null; userAgent: string | null },
  now = new Date(),
): Promise<string> {
  const id = newId(now.getTime())
  await db().session.create({
    data: {
      id,
      userId,
      ip: from.ip,
      userAgent: from.userAgent?.slice(0, 512) ?? null,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + absoluteMs),
    },
  })
  return id
}

/** The signed-in user of a session that is neither revoked, idle, over nor of a disabled user; else null. */
export async function sessionActor(
  sessionId: string,
  requestId: string | null,
  now = new Date(),
): Promise<Actor | null> {
  const session = await db().session.findUnique({ where: { id: sessionId }, include: { user: true } })
  if (!session || session.revokedAt || session.user.disabledAt) return null
  if (session.expiresAt <= now || now.getTime() - session.lastSeenAt.getTime() > idleMs) return null
  if (now.getTime() - session.lastSeenAt.getTime() > touchMs) {
    await db().session.updateMany({ where: { id: sessionId, revokedAt: null }, data: { lastSeenAt: now } })
  }
  const { user } = session
  if (!isRole(user.role)) return null
  return {
    kind: "user",
    id: user.id,
    name: user.email,
    permissions: new Set(permissionsOfRole[user.role]),
    sourceId: null,
    authenticatedAt: session.authenticatedAt,
    requestId,
  }
}

export async function closeSession(sessionId: string): Promise<void> {
  await db().session.updateMany({ where: { id: sessionId, revokedAt: null }, data: { revokedAt: new Date() } })
}

/** Signs a user out everywhere, perhaps but for the session that asks. */
export async function closeSessionsOf(tx: Tx, userId: string, except?: string): Promise<number> {
  const { count } = await tx.session.updateMany({
    where: { userId, revokedAt: null, ...(except ? { id: { not: except } } : {}) },
    data: { revokedAt: new Date() },
  })
  return count
}
