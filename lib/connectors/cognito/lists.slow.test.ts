/** Large pools, full ones, and such as ask to slow down. */
import { setTimeout as delay } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { writing } from "../contract-subject.ts"
import { change, lawRig } from "./laws.fixture.ts"
import { foreignClient } from "./pool.fixture.ts"

const rig = lawRig()

describe("lists and limits", () => {
  test("a pool of 130 clients and 60 resource servers is read page by page, each client by a call of its own, three at once", async () => {
    const { pool } = rig.pool.fake
    const { audience } = await rig.placed()
    for (let i = 0; i < 130; i++) foreignClient(pool, `many-${i}`, {}, [`${audience.key}/payments:read`])
    for (let i = 0; i < 60; i++)
      pool.servers.set(`https://many.example/${i}`, { identifier: `https://many.example/${i}`, name: "x", scopes: [] })
    const { fetch, sent } = rig.watched()
    let [now, most] = [0, 0]
    const counted: typeof fetch = async (url, init) => {
      most = Math.max(most, ++now)
      return await fetch(url, init).finally(() => (now -= 1))
    }
    const objects = await writing(rig.pool.open(counted)).observe()
    const many = (operation: string) => sent.filter((one) => one.operation === operation)
    expect(objects.filter(({ kind, key }) => kind === "client" && key.startsWith("many-"))).toHaveLength(130)
    expect(many("ListUserPoolClients").map(({ body }) => body.MaxResults)).toEqual(
      Array.from({ length: Math.ceil(pool.clients.size / 60) }, () => 60),
    )
    expect(many("ListResourceServers").length).toBeGreaterThan(1)
    expect(many("DescribeUserPoolClient")).toHaveLength(pool.clients.size)
    expect(most).toBe(3)
  })

  test("clients that are made and removed one after the other cost one listing together, not one each", async () => {
    const { fetch, sent } = rig.watched()
    const writer = writing(rig.pool.open(fetch))
    const lists = () => sent.filter(({ operation }) => operation === "ListUserPoolClients").length
    const made: [key: string, remoteId: string][] = []
    for (let i = 0; i < 20; i++) {
      const { client } = rig.fresh()
      expect(await writer.find("client", client.key)).toBeNull()
      made.push([client.key, (await writer.create(client, `p:${i}`)).remoteId])
      expect(await writer.find("client", client.key)).toMatchObject({ marker: `p:${i}` })
    }
    const [first] = made
    expect(lists()).toBeLessThanOrEqual(Math.ceil(rig.pool.fake.pool.clients.size / 60))
    await expect(writer.create({ ...rig.fresh().client, key: first?.[0] ?? "" }, "p:c")).rejects.toMatchObject({
      code: "conflict",
    })
    for (const [key, remoteId] of made) {
      expect(await writer.find("client", key)).not.toBeNull()
      await writer.remove("client", remoteId, key)
      expect(await writer.find("client", key)).toBeNull()
    }
    expect(lists()).toBeLessThanOrEqual(Math.ceil(rig.pool.fake.pool.clients.size / 60) + 1)
    expect(sent.filter(({ operation }) => operation === "CreateUserPoolClient")).toHaveLength(20)
  })

  test("once one client cannot be read no further one is asked for", async () => {
    for (let i = 0; i < 10; i++) foreignClient(rig.pool.fake.pool, `unread-${i}`, {}, [])
    const all = ["ListUserPoolClients", "ListResourceServers"].map((name) => `cognito-idp:${name}`)
    rig.pool.fake.allow(all)
    const { fetch, sent } = rig.watched()
    await expect(writing(rig.pool.open(fetch)).observe()).rejects.toMatchObject({ code: "forbidden" })
    await delay(200)
    expect(sent.filter(({ operation }) => operation === "DescribeUserPoolClient")).toHaveLength(3)
  })

  test("a pool that asks to slow down is read to the end all the same; a write is told when to come back", async () => {
    const { client, remoteId } = await rig.placed()
    rig.pool.fake.pool.modes.perSecond = 60
    const objects = await rig.port().observe()
    expect(objects.some(({ key }) => key === client.key)).toBe(true)
    rig.pool.fake.pool.modes.perSecond = 0
    await expect(rig.port().update(remoteId("client"), client, change("enabled", true, false))).rejects.toMatchObject({
      code: "rate_limited",
      providerCode: "TooManyRequestsException",
      retryAt: expect.any(Date),
    })
  })

  test("a full pool is a matter of quota, a missing right of rights, and neither touches anything", async () => {
    const { client, audience } = rig.fresh()
    const { modes } = rig.pool.fake.pool
    modes.clientsMax = 1
    modes.serversMax = 1
    await expect(rig.port().create(client, "m")).rejects.toMatchObject({ code: "quota" })
    await expect(rig.port().create(audience, "m")).rejects.toMatchObject({ code: "quota" })
    rig.pool.fake.allow(["cognito-idp:ListUserPoolClients"])
    await expect(rig.port().create(client, "m")).rejects.toMatchObject({ code: "forbidden", httpStatus: 400 })
    await expect(rig.port().observe()).rejects.toMatchObject({ code: "forbidden" })
  })
})
