import { expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { writing } from "../contract-subject.ts"
import { lawRig } from "./laws.fixture.ts"
import { localFetch } from "./tenant.fixture.ts"

const rig = lawRig()

test.each(["checkpoint", "totals", "bare"] as const)("are read whole in the shape %s", async (shape) => {
  const names = Array.from({ length: 230 }, (_, i) => `${shape}-${i}`)
  for (const name of names) rig.foreign({ name })
  rig.tenant.fake.tenant.modes.lists = shape
  const seen = (await rig.port().observe()).filter(({ key }) => key.startsWith(`${shape}-`))
  expect(seen.map(({ key }) => key).toSorted()).toEqual(names.toSorted())
  for (const { client_id, name } of [...rig.tenant.fake.tenant.clients.values()])
    if (names.includes(name)) rig.tenant.fake.tenant.clients.delete(client_id)
})

test("a checkpoint that stands still is an error, not an endless read", async () => {
  let calls = 0
  const stuck: GuardedFetch = async (url, init) => {
    if (!url.includes("/api/v2/clients?")) return await localFetch(url, init)
    calls += 1
    return { status: 200, headers: new Headers(), text: '{"clients":[],"next":"same"}' }
  }
  await expect(writing(rig.tenant.open(stuck)).observe()).rejects.toMatchObject({ code: "unknown" })
  expect(calls).toBe(2)
})

test("an offset list that repeats its page is an error", async () => {
  const page = Array.from({ length: 100 }, (_, i) => ({ id: `r${i}`, identifier: `https://x/${i}` }))
  const stuck: GuardedFetch = async (url, init) =>
    url.includes("/resource-servers?")
      ? { status: 200, headers: new Headers(), text: JSON.stringify(page) }
      : await localFetch(url, init)
  await expect(writing(rig.tenant.open(stuck)).observe()).rejects.toMatchObject({ code: "unknown" })
})
