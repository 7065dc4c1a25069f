import "server-only"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { guessPassword } from "./guess.ts"
import { passwordFits } from "./password.ts"
import { openSession } from "./sessions.ts"

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
  const user = await db().user.findUnique({ where: { email } })
  const stored = user && user.disabledAt === null ? user.passwordHash : null
  const guess = await guessPassword({ email, ip: from.ip, stored }, password)
  if (guess === "too_many") await passwordFits(null, password)
  const refused = guess !== "fits"
  if (user)
    await withTx((tx) =>
      record(tx, {
        actor: { kind: "user", id: user.id, name: user.email, requestId: null },
        action: refused ? "user.sign_in_failed" : "user.sign_in",
        target: { kind: "user", id: user.id, name: user.email },
        after: { ip: from.ip },
      }),
    )
  if (refused || !user) return null
  return { sessionId: await openSession(user.id, from), userId: user.id, email: user.email }
}
