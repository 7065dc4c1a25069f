/**
 * One contract for every kind of provider: `connectorContract` runs it against a started one. The ports select the tests,
 * and the objects that `shape` leaves select the objects.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Json } from "../base/json.ts"
import { spread } from "../base/spread.ts"
import { emptiedContract } from "./contract-emptied.ts"
import { hostileAnswers } from "./contract-hostile.ts"
import { losing } from "./contract-losing.ts"
import { secretContract } from "./contract-secrets.ts"
import {
  behindOf,
  inOrder,
  named,
  shaped,
  told,
  writing,
  type ContractProvider,
  type ContractSamples,
  type Running,
} from "./contract-subject.ts"
import { objectKinds, type DesiredObject } from "./objects.ts"
import { isPort } from "./port.ts"

/** Runs the contract. `start` is called once; each test makes objects of its own names. */
export function connectorContract(
  kind: string,
  start: () => Promise<ContractProvider>,
  samples: ContractSamples,
): void {
  describe(`${kind} keeps the connector contract`, () => {
    let provider: ContractProvider | null = null
    let made = 0
    beforeAll(async () => {
      provider = await start()
    }, 240_000)
    afterAll(async () => {
      await provider?.stop()
    })
    const running: Running = {
      get provider() {
        if (provider === null) throw new Error("the provider did not start")
        return provider
      },
      connector: () => running.provider.connector(running.provider.fetch),
      fresh: () => named(samples, ++made),
    }
    const { connector, fresh } = running

    test("every check passes against a healthy provider", async () => {
      const checks = await connector().check()
      expect(checks.filter((check) => check.is !== "pass")).toEqual([])
      expect(checks.length).toBeGreaterThan(2)
    })

    test("endpoints name the issuer, a token and a key address", async () => {
      const told = await connector().endpoints()
      for (const address of [told.issuer, told.tokenEndpoint, told.jwksUri]) expect(URL.canParse(address)).toBe(true)
    })

    test("a port is there or says why not, with its source", () => {
      const opened = connector()
      expect(isPort(opened.write)).toBe(samples.ports.write)
      expect(isPort(opened.secrets) ? opened.secrets.strategy : "none").toBe(samples.ports.secrets)
      for (const port of [opened.write, opened.secrets, opened.introspection, opened.events, opened.changes])
        if (!isPort(port)) for (const words of [port.cannot, port.source]) expect(words.length).toBeGreaterThan(8)
    })

    test("the samples are not refused, and their grant is projected with a sentence", () => {
      const { audience, client, grant } = fresh()
      expect(connector().reject([audience, client, grant])).toEqual([])
      expect(connector().project(grant, [audience, client, grant]).why).not.toBe("")
    })

    test("shaping twice is shaping once, and never invents an object", () => {
      const all = inOrder(fresh())
      const once = connector().shape(all).objects
      expect(connector().shape(once).objects).toEqual(once)
      for (const object of once) expect(all.some(same(object))).toBe(true)
    })

    if (samples.ports.write) {
      writeContract(running, samples)
      emptiedContract(running, samples)
      hostileAnswers(running, samples)
    }
    if (samples.ports.secrets !== "none") secretContract(running, samples)
  })
}

function writeContract(running: Running, samples: ContractSamples): void {
  const { connector, fresh } = running
  const settle = async () => await running.provider.settle?.()

  test("what is created is found and observed with our mark, field by field as it was sent", async () => {
    const port = writing(connector())
    for (const object of shaped(running, fresh())) {
      const answer = await port.create(object, "plan-1:change-1")
      const { kind, key } = object
      expect(answer).toMatchObject({ kind, key, marked: true, fields: told(samples, object.fields) })
      const untold = samples.untold?.filter((field) => object.fields[field])
      if (kind === "client" && untold !== undefined) expect(answer.unknown).toEqual(untold)
      await settle()
      expect(await port.find(object.kind, object.key)).toEqual(answer)
      expect((await port.observe()).find(same(object))).toEqual(answer)
    }
  })

  test("what is made side by side, as many at once as the port allows, is all found, and takes its grants", async () => {
    const port = writing(connector())
    const atOnce = port.parallel ?? 1
    const objects = Array.from({ length: 12 }, () => shaped(running, fresh())).flat()
    for (const wanted of objectKinds) {
      const many = objects.filter(({ kind }) => kind === wanted)
      const answers = await spread(many, atOnce, (object) => port.create(object, "m"))
      await settle()
      expect(await spread(many, atOnce, ({ kind, key }) => port.find(kind, key))).toEqual(answers)
    }
  })

  test("every owned field can be updated, alone, and the others stay", async () => {
    const port = writing(connector())
    for (const object of shaped(running, fresh())) {
      const { remoteId } = await port.create(object, "m")
      await settle()
      let now: Record<string, Json> = { ...object.fields }
      for (const [field, to] of Object.entries(samples.other[object.kind])) {
        const answer = await port.update(remoteId, { ...object, fields: { ...now, [field]: to } }, [
          { field, from: now[field] ?? null, to },
        ])
        now = { ...now, [field]: to }
        expect(answer.fields, `${object.kind}.${field}`).toEqual(told(samples, now))
        await settle()
      }
      expect((await port.find(object.kind, object.key))?.fields).toEqual(told(samples, now))
    }
  })

  test("the samples name another value for every field that is written", () => {
    for (const { kind, fields } of shaped(running, fresh())) {
      const free = Object.keys(fields).filter((field) => !samples.fixed?.includes(field))
      expect(Object.keys(samples.other[kind]).sort(), kind).toEqual(free.sort())
    }
  })

  test("deletes in reverse order leave nothing, and a delete of what is gone is done", async () => {
    const port = writing(connector())
    const objects = shaped(running, fresh())
    const remoteIds = new Map<DesiredObject, string>()
    for (const object of objects) {
      remoteIds.set(object, (await port.create(object, "m")).remoteId)
      await settle()
    }
    for (const object of objects.toReversed()) {
      await port.remove(object.kind, remoteIds.get(object) ?? "", object.key)
      await settle()
      await port.remove(object.kind, remoteIds.get(object) ?? "", object.key)
      expect(await port.find(object.kind, object.key)).toBeNull()
    }
  })

  test("a taken name is a conflict, and changes nothing", async () => {
    const port = writing(connector())
    for (const object of shaped(running, fresh()).filter(({ kind }) => kind !== "grant")) {
      const first = await port.create(object, "m")
      await settle()
      const [field = "", value = null] = Object.entries(samples.other[object.kind])[0] ?? []
      const second = { ...object, fields: { ...object.fields, [field]: value } }
      await expect(port.create(second, "m2")).rejects.toMatchObject({ code: "conflict" })
      await settle()
      expect(await port.find(object.kind, object.key)).toEqual(first)
    }
  })

  const losses = ["timeout", "unreachable", "HTML", "truncated", "502"] as const
  test.each(samples.unasked === undefined ? losses : [])(
    "a create whose answer is lost (%s) says so, and the object is found again",
    async (how) => {
      const { provider } = running
      const objects = shaped(running, fresh())
      const object = objects.find(({ kind }) => kind === (samples.oneCall ?? samples.written)) ?? objects[0]
      if (!object) throw new Error("nothing is held here")
      const answer = await writing(provider.connector(losing(provider, how)))
        .create(object, "plan-9:change-9")
        .catch((error: unknown) => error)
      await settle()
      const found = await writing(connector()).find(object.kind, object.key)
      // An answer that says nothing anyway cannot be lost by being garbled.
      if (how !== "truncated" && how !== "HTML")
        expect(answer).toMatchObject({ name: "ConnectorError", code: "lost_answer" })
      if (samples.orphans !== undefined) return expect(found).toBeNull()
      expect(found).toMatchObject({ marked: true, fields: object.fields })
      if (!(answer instanceof Error)) expect(answer).toEqual(found)
      else expect(answer).toMatchObject({ name: "ConnectorError", code: "lost_answer" })
    },
  )

  if (!samples.ports.behind) return

  test("a change behind our back of every owned field shows in observe", async () => {
    const port = writing(connector())
    for (const object of shaped(running, fresh())) {
      const { remoteId } = await port.create(object, "m")
      await settle()
      for (const [field, value] of Object.entries(samples.other[object.kind])) {
        await behindOf(running.provider).change(object.kind, object.key, field, value, remoteId)
        await settle()
        const seen = (await port.observe()).find(same(object))
        expect(seen?.fields[field], `${object.kind}.${field}`).toEqual(value)
      }
    }
  })

  test("foreign objects are seen without our mark, and a removal of ours does not touch them", async () => {
    const port = writing(connector())
    const [ours, foreign] = [shaped(running, fresh()), shaped(running, fresh())]
    for (const object of foreign) await behindOf(running.provider).create(object)
    for (const object of ours.filter(({ kind }) => kind !== "grant")) {
      const { remoteId } = await port.create(object, "m")
      await settle()
      await port.remove(object.kind, remoteId, object.key)
    }
    await settle()
    const seen = await port.observe()
    for (const object of foreign.filter(({ kind }) => kind !== "grant"))
      expect(seen.find(same(object)), object.key).toMatchObject({ marked: false, fields: object.fields })
    for (const object of foreign.filter(({ kind }) => kind === "grant"))
      expect(seen.find(same(object)), object.key).toMatchObject({ fields: object.fields })
  })

  test("an object that somebody made again under our name is not the one we knew: its id differs, and removing the old id spares it", async () => {
    const port = writing(connector())
    const client = shaped(running, fresh()).find(({ kind }) => kind === "client")
    if (!client) throw new Error("no client is held here")
    const { remoteId } = await port.create(client, "m")
    await settle()
    await port.remove("client", remoteId, client.key)
    await settle()
    await behindOf(running.provider).create(client)
    await settle()
    await port.remove("client", remoteId, client.key)
    expect(await port.find("client", client.key)).toMatchObject({ marked: false })
  })
}

const same = (wanted: { kind: string; key: string }) => (one: { kind: string; key: string }) =>
  one.kind === wanted.kind && one.key === wanted.key
