import { afterAll, beforeAll, expect, test } from "vitest"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import type { Actor } from "./actor.ts"
import { hashPassword } from "./password.ts"
import { openSession, sessionActor } from "./sessions.ts"
import { requireFresh, stepUp } from "./step-up.ts"
import { systemActor } from "./system.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

const password = "a long enough phrase"
const minutesAgo = (n: number) => new Date(Date.now() - n * 60_000)

/** A user with a session that was opened some minutes ago and used since. */
async function signedIn(name: string, minutes: number): Promise<{ actor: () => Promise<Actor>; session: string }> {
  const id = newId()
  const passwordHash = await hashPassword(password)
  await db().user.create({ data: { id, email: `${name}@example.com`, name, role: "admin", passwordHash } })
  const session = await openSession(id, { ip: null, userAgent: null }, minutesAgo(minutes))
  const actor = async () => {
    const found = await sessionActor(session, null)
    if (!found) throw new Error("the session is over")
    return found
  }
  return { actor, session }
}

test("a proof holds for five minutes; who has no session proves themselves with every request", async () => {
  const fresh = await signedIn("fresh", 4)
  const stale = await signedIn("stale", 6)
  expect(requireFresh(await fresh.actor())).toBeUndefined()
  const actor = await stale.actor()
  expect(() => requireFresh(actor)).toThrow(expect.objectContaining({ code: "step_up_needed", status: 403 }))
  expect(requireFresh({ ...systemActor("test"), kind: "token" })).toBeUndefined()
})

test("the right password renews this session and no other, with its trail entry", async () => {
  const { actor, session } = await signedIn("ada", 20)
  const { id } = await actor()
  const other = await openSession(id, { ip: null, userAgent: null }, minutesAgo(20))
  await stepUp(await actor(), session, password)
  expect(requireFresh(await actor())).toBeUndefined()
  const elsewhere = await sessionActor(other, null)
  expect(() => elsewhere && requireFresh(elsewhere)).toThrow(expect.objectContaining({ code: "step_up_needed" }))
  expect(await db().trailEntry.count({ where: { targetId: id, action: "user.step_up" } })).toBe(1)
})

test("a wrong password renews nothing; after ten of them the right one has to wait too", async () => {
  const { actor, session } = await signedIn("eve", 20)
  for (let i = 0; i < 10; i++)
    await expect(stepUp(await actor(), session, "not it, not it")).rejects.toMatchObject({ status: 422 })
  await expect(stepUp(await actor(), session, password)).rejects.toMatchObject({
    code: "too_many_attempts",
    status: 429,
  })
  const still = await actor()
  expect(() => requireFresh(still)).toThrow()
  expect(await db().trailEntry.count({ where: { targetId: still.id, action: "user.step_up_failed" } })).toBe(10)
})

test("an API token cannot step up", async () => {
  await expect(stepUp({ ...systemActor("test"), kind: "token" }, null, password)).rejects.toMatchObject({
    code: "not_a_user",
  })
})
