import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { z } from "zod"
import { backWithinMs, parts, startRig, strike, type Rig } from "./rig.ts"
import { fetchToken, liveSecrets, makeWorld, revealed, until } from "./world.ts"

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.stack.stop())

const rotationShape = z.object({ id: z.string(), state: z.string() })

interface Service {
  /** The secrets that the service holds, newest first. */
  readonly holds: string[]
  /** Moments at which the provider answered and accepted none of them. */
  readonly bare: string[]
  /** Moments at which it accepted one. */
  served(): number
  stop(): Promise<void>
}

/** A service that asks for a token all the time, with any secret that it holds. While the provider is down it learns nothing. */
function run(endpoint: string, client: string, audience: string, first: string): Service {
  const holds = [first]
  const bare: string[] = []
  let served = 0
  let going = true
  const accepted = async (secret: string): Promise<boolean | null> => {
    try {
      const { status } = await fetchToken({ endpoint, client, secret, audience, scope: "payments:write" })
      return status === 200 ? true : status >= 500 || status === 429 ? null : false
    } catch {
      return null
    }
  }
  const sample = async () => {
    while (going) {
      const answers = await Promise.all([...holds].map(accepted))
      if (answers.includes(true)) served++
      else if (!answers.includes(null)) bare.push(new Date().toISOString())
      await sleep(25)
    }
  }
  const running = sample()
  return {
    holds,
    bare,
    served: () => served,
    async stop() {
      going = false
      await running
    },
  }
}

describe("a rotation that is cut off anywhere ends, and at no moment is the service without a secret that works", () => {
  test.each(parts)("%s", async (part) => {
    const w = await makeWorld(rig.patient, `rotation-${part}`)
    await until(async () => (await liveSecrets(rig.patient, w.clientId)).length === 1, 30_000, "the first secret lives")
    const [old] = await liveSecrets(rig.patient, w.clientId)
    const shown = await rig.api.call("POST", `/clients/${w.clientId}/secrets/${old?.id ?? ""}/reveal`, revealed)
    const service = run(shown.token_endpoint, w.client, w.audience, shown.client_secret)
    const took: number[] = []
    const stateOf = async (id: string) => (await rig.patient.call("GET", `/rotations/${id}`, rotationShape)).state

    const { id } = await rig.api.call("POST", `/clients/${w.clientId}/rotations`, rotationShape, {
      provider_id: w.providerId,
    })
    await sleep(Math.random() * 200)
    took.push(await strike(rig.stack, part))

    const fresh = async () => (await liveSecrets(rig.patient, w.clientId)).find((s) => s.id !== old?.id)
    await until(async () => (await fresh()) !== undefined, 90_000, "the new secret is proven")
    const made = await fresh()
    const next = await rig.api.call("POST", `/clients/${w.clientId}/secrets/${made?.id ?? ""}/reveal`, revealed)
    service.holds.unshift(next.client_secret)
    await until(async () => (await stateOf(id)) === "grace", 30_000, "both are accepted")

    const retire = () =>
      rig.api.call(
        "POST",
        `/rotations/${id}/retire`,
        z.unknown(),
        { override: { reason: "the service was restarted with the new secret" } },
        [200, 202],
      )
    await retire()
    await sleep(Math.random() * 100)
    took.push(await strike(rig.stack, part))
    await until(async () => (await stateOf(id)) === "done", 90_000, "the rotation ends")

    const servedAtEnd = service.served()
    await until(() => Promise.resolve(service.served() > servedAtEnd), 10_000, "the service is served")
    await service.stop()
    expect(service.bare).toEqual([])
    expect(service.served()).toBeGreaterThan(10)
    const ask = (secret: string) =>
      fetchToken({
        endpoint: shown.token_endpoint,
        client: w.client,
        secret,
        audience: w.audience,
        scope: "payments:write",
      })
    expect((await ask(shown.client_secret)).status).toBe(401)
    expect((await ask(next.client_secret)).status).toBe(200)
    const all = await rig.api.call(
      "GET",
      `/clients/${w.clientId}/secrets?all=1`,
      z.object({ items: z.array(z.object({ state: z.string() })) }),
    )
    expect(all.items.map((s) => s.state).toSorted()).toEqual(["live", "retired"])
    expect(Math.max(...took)).toBeLessThan(backWithinMs)
  })
})
