import "server-only"
import { Unavailable } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { minuteMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { passwordFits } from "./password.ts"

/** OWASP Authentication Cheat Sheet: slow guessing down per account and per address; never lock for good. */
const windowMs = 10 * minuteMs
const failuresMaxPerAccount = 10
const failuresMaxPerAddress = 50
/** Any fixed number of 32 bits: advisory locks of this kind. */
const guessLock = 427_092_613

/**
 * Every place where a password can be tried asks here, so that no door is open beside the others. `stored` is the hash
 * of the account `email`, or null where none may come in; `ip` is null where the account is known already.
 *
 * The guess is written as a failure before the password is looked at: of guesses that come at once each counts those
 * before it. One that may not be made any more is not written, so waiting always helps.
 */
export async function guessPassword(
  of: { readonly email: string; readonly ip: string | null; readonly stored: string | null },
  password: string,
): Promise<"fits" | "wrong" | "too_many"> {
  const guess = await claim(of.email.slice(0, 320), of.ip)
  if (guess === null) return "too_many"
  if (!(await passwordFits(of.stored, password))) return "wrong"
  await db().loginAttempt.update({ where: { id: guess }, data: { ok: true } })
  return "fits"
}

/** 429, for people who are signed in already: at the sign-in every refusal looks alike. */
export const tooManyGuesses = () =>
  new Unavailable("too_many_attempts", "Too many wrong passwords. Wait some minutes.", 60, { status: 429 })

const claim = (email: string, ip: string | null): Promise<string | null> =>
  withTx(async (tx) => {
    // By name and not by the user's row: names that nobody has are counted too. Always account before address.
    for (const key of ip === null ? [`account ${email}`] : [`account ${email}`, `address ${ip}`])
      await tx.$executeRaw`select pg_advisory_xact_lock(${guessLock}::int, hashtext(${key}))`
    const failed = { ok: false, at: { gt: new Date(Date.now() - windowMs) } }
    if ((await tx.loginAttempt.count({ where: { email, ...failed } })) >= failuresMaxPerAccount) return null
    if (ip !== null && (await tx.loginAttempt.count({ where: { ip, ...failed } })) >= failuresMaxPerAddress) return null
    const { id } = await tx.loginAttempt.create({ data: { id: newId(), email, ip, ok: false }, select: { id: true } })
    return id
  })
