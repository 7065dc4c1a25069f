import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import type { Actor } from "./actor.ts"
import { hashPassword } from "./password.ts"
import { openSession, sessionActor } from "./sessions.ts"
import { signIn } from "./signin.ts"
import { stepUp } from "./step-up.ts"
import { changePassword } from "./users.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

const password = "a long enough phrase"
interface Victim {
  readonly email: string
  readonly session: string
  readonly actor: Actor
}

async function victim(name: string): Promise<Victim> {
  const id = newId()
  const email = `${name}@example.com`
  await db().user.create({
    data: { id, email, name, role: "admin", passwordHash: await hashPassword(password) },
  })
  const session = await openSession(id, { ip: null, userAgent: null })
  const actor = await sessionActor(session, null)
  if (!actor) throw new Error("the session is over")
  return { email, session, actor }
}

/** Whether the door opened. Each refusal is one, whatever it says. */
const doors: Readonly<Record<string, (of: Victim, guess: string) => Promise<boolean>>> = {
  "sign-in": async ({ email }, guess) => (await signIn(email, guess, { ip: null, userAgent: null })) !== null,
  "step-up": ({ actor, session }, guess) =>
    stepUp(actor, session, guess).then(
      () => true,
      () => false,
    ),
  "password change": ({ actor, session }, guess) =>
    changePassword(actor, guess, "another long phrase", session).then(
      () => true,
      () => false,
    ),
}
const names = Object.keys(doors)
const open = (door: string, of: Victim, guess: string): Promise<boolean> => {
  const way = doors[door]
  if (!way) throw new Error(`no door ${door}`)
  return way(of, guess)
}

test.each(names)("ten wrong guesses at the %s close every door for that account, and for no other", async (door) => {
  const eve = await victim(`eve-${names.indexOf(door)}`)
  const ada = await victim(`ada-${names.indexOf(door)}`)
  for (let i = 0; i < 10; i++) expect(await open(door, eve, `not it, not it ${i}`)).toBe(false)
  for (const other of names) expect([other, await open(other, eve, password)]).toEqual([other, false])
  for (const other of ["sign-in", "step-up", "password change"])
    expect([other, await open(other, ada, password)]).toEqual([other, true])
})

test.each(names)("of many guesses at once at the %s, ten are looked at and the rest wait", async (door) => {
  const eve = await victim(`many-${names.indexOf(door)}`)
  await Promise.all(Array.from({ length: 30 }, (_, i) => open(door, eve, `not it, not it ${i}`)))
  expect(await db().loginAttempt.count({ where: { email: eve.email } })).toBe(10)
})

test("a wrong current password at the change of it leaves its trace; a right one costs no attempt", async () => {
  const eve = await victim("trace")
  await expect(changePassword(eve.actor, "not it, not it", "another long phrase", eve.session)).rejects.toMatchObject({
    errors: [{ path: "current_password", code: "wrong" }],
  })
  for (let i = 0; i < 12; i++) await stepUp(eve.actor, eve.session, password)
  await changePassword(eve.actor, password, "another long phrase", eve.session)
  const entries = await db().trailEntry.findMany({ where: { targetId: eve.actor.id }, orderBy: { seq: "asc" } })
  expect([...new Set(entries.map(({ action }) => action))]).toEqual([
    "user.password_change_failed",
    "user.step_up",
    "user.password_change",
  ])
})

test("fifty wrong guesses from one address close the sign-in for that address, whoever's name is given, and no other", async () => {
  const ada = await victim("address")
  const from = (ip: string) => ({ ip, userAgent: null })
  for (let i = 0; i < 50; i += 10)
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => signIn(`nobody-${i + n}@example.com`, "no", from("10.0.0.1"))),
    )
  expect(await signIn(ada.email, password, from("10.0.0.1"))).toBeNull()
  expect(await signIn(ada.email, password, from("10.0.0.2"))).toMatchObject({ email: ada.email })
})

test("a disabled user is refused with the right password too, and it counts as a failure", async () => {
  const gone = await victim("gone")
  await db().user.update({ where: { id: gone.actor.id }, data: { disabledAt: new Date() } })
  expect(await open("sign-in", gone, password)).toBe(false)
  expect(await db().loginAttempt.findFirst({ where: { email: gone.email } })).toMatchObject({ ok: false })
})
