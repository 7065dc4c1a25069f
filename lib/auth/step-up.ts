import "server-only"
import { invalid, Refused } from "../base/errors.ts"
import { minuteMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import type { Actor } from "./actor.ts"
import { guessPassword, tooManyGuesses } from "./guess.ts"

/** reliability.md T14: revealing, rotating and deleting at a provider need a proof of who is there, at most this old. */
const freshMs = 5 * minuteMs

/**
 * A signed-in user must have proven who they are within five minutes: 403 `step_up_needed` says for how long a proof
 * holds. API tokens, service clients and jobs have no session and pass: they prove themselves with every request.
 */
export function requireFresh(actor: Actor, now: Date = new Date()): void {
  if (actor.kind !== "user") return
  if (actor.authenticatedAt !== null && now.getTime() - actor.authenticatedAt.getTime() <= freshMs) return
  throw new Refused("step_up_needed", "Confirm your password first: this act needs a fresh proof of who you are.", {
    status: 403,
    evidence: { fresh_for_seconds: freshMs / 1000 },
  })
}

/** Renews the proof of one session by the user's password. 403 `not_a_user`, 422 `wrong`, 429 `too_many_attempts`. */
export async function stepUp(actor: Actor, sessionId: string | null, password: string): Promise<void> {
  const user = actor.kind === "user" ? await db().user.findUnique({ where: { id: actor.id } }) : null
  if (!user || sessionId === null)
    throw new Refused("not_a_user", "Only a signed-in user has a session.", { status: 403 })
  const guess = await guessPassword({ email: user.email, ip: null, stored: user.passwordHash }, password)
  if (guess === "too_many") throw tooManyGuesses()
  const fits = guess === "fits"
  await withTx(async (tx) => {
    if (fits)
      await tx.session.updateMany({
        where: { id: sessionId, userId: user.id, revokedAt: null },
        data: { authenticatedAt: new Date() },
      })
    await record(tx, {
      actor,
      action: fits ? "user.step_up" : "user.step_up_failed",
      target: { kind: "user", id: user.id, name: user.email },
    })
  })
  if (!fits) throw invalid("password", "wrong", "The password is not right.")
}
