import "server-only"
import { newId } from "../base/id.ts"
import { minuteMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { passwordFits } from "./password.ts"
import { openSession } from "./sessions.ts"

/** OWASP Authentication Cheat Sheet: slow guessing down per account and per address; never lock for good. */
const windowMs = 10 * minuteMs
const failuresMaxPerAccount = 10
const failuresMaxPerAddress = 50

export interface SignedIn {
  readonly sessionId: string
  readonly userId: string
  readonly email: string
}

/** Checks a local account and opens a session; null for every reason of failure, with the same work done. */
export async function signIn(
  emailText: string,
  password: string,
  from: { ip: string | null; userAgent: string | null },
): Promise<SignedIn | null> {
  const email = emailText.trim().toLowerCase()
  const since = new Date(Date.now() - windowMs)
  const [perAccount, perAddress, user] = await Promise.all([
    db().loginAttempt.count({ where: { email, ok: false, at: { gt: since } } }),
    from.ip === null ? 0 : db().loginAttempt.count({ where: { ip: from.ip, ok: false, at: { gt: since } } }),
    db().user.findUnique({ where: { email } }),
  ])
  const fits = await passwordFits(user?.passwordHash ?? null, password)
  const refused =
    perAccount >= failuresMaxPerAccount ||
    perAddress >= failuresMaxPerAddress ||
    !user ||
    user.disabledAt !== null ||
    !fits
  await withTx(async (tx) => {
    await tx.loginAttempt.create({ data: { id: newId(), email: email.slice(0, 320), ip: from.ip, ok: !refused } })
    if (user) {
      await record(tx, {
        actor: { kind: "user", id: user.id, name: user.email, requestId: null },
        action: refused ? "user.sign_in_failed" : "user.sign_in",
        target: { kind: "user", id: user.id, name: user.email },
        after: { ip: from.ip },
      })
    }
  })
  if (refused || !user) return null
  return { sessionId: await openSession(user.id, from), userId: user.id, email: user.email }
}
