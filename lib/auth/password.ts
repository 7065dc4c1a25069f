import { hash, verify } from "@node-rs/argon2"
import { invalid } from "../base/errors.ts"

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const lengthMin = 12
const lengthMax = 256

/** NIST SP 800-63B section 5.1.1.2: length counts, composition rules do not. Throws Invalid. */
export function checkPassword(password: string, email: string): void {
  if (password.length < lengthMin)
    throw invalid("password", "too_short", `A password needs at least ${lengthMin} characters.`)
  if (password.length > lengthMax)
    throw invalid("password", "too_long", `A password has at most ${lengthMax} characters.`)
  const lower = password.toLowerCase()
  if (lower.includes(email.split("@")[0]?.toLowerCase() ?? "") && lower.length < 20)
    throw invalid("password", "guessable", "The password must not contain your name.")
  if (/^(.)\1+$/.test(password)) throw invalid("password", "guessable", "The password must not repeat one character.")
}

export const hashPassword = (password: string): Promise<string> => hash(password, cost)

/** Takes the same time for a user that does not exist (`stored` null). */
export async function passwordFits(stored: string | null, password: string): Promise<boolean> {
  const fits = await verify(stored ?? (await dummy()), password.slice(0, lengthMax))
  return stored !== null && fits
}

let dummyHash: Promise<string> | undefined
const dummy = (): Promise<string> => (dummyHash ??= hash("no such user", cost))
