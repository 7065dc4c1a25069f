import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { z } from "zod"
import { backWithinMs, parts, startRig, strike, type Rig } from "./rig.ts"
import { fetchToken, localProvider, until } from "./world.ts"

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.stack.stop())

const clients = 8
const withId = z.object({ id: z.string() })
const planShape = z.object({
  id: z.string(),
  status: z.string(),
  changes: z.array(z.object({ kind: z.string(), verb: z.string(), status: z.string().optional() })),
})
const secretsShape = z.object({ items: z.array(z.object({ id: z.string(), state: z.string() })) })
const revealedShape = z.object({ client_id: z.string(), client_secret: z.string(), token_endpoint: z.string() })

/** One audience and some clients that may call it, in the registry only. Resolves to the plan that would make them, and their ids. */
async function wanted(name: string, providerId: string): Promise<{ planId: string; ids: string[]; audience: string }> {
  const audience = `https://${name}.internal`
  await rig.api.call("POST", "/audiences", withId, {
    identifier: audience,
    name,
    token_ttl_seconds: 300,
    token_format: "jwt",
    signing_alg: "RS256",
    scopes: [{ name: `${name}:read`, description: "Read" }],
  })
  const ids: string[] = []
  for (let i = 0; i < clients; i++) {
    const client = `${name}-${i}`
    const made = await rig.api.call("POST", "/clients", withId, {
      name: client,
      display_name: client,
      owner: "team-faults",
      auth_method: "client_secret_basic",
      provider_ids: [providerId],
    })
    await rig.api.call("POST", "/grants", withId, { client, audience, scopes: [`${name}:read`], reason: "Fault test" })
    ids.push(made.id)
  }
  const plan = await rig.api.call("POST", "/plans", planShape, { provider_ids: [providerId] })
  return { planId: plan.id, ids, audience }
}

/** The states of each client's secrets, retired ones too. */
const secretsOf = (ids: readonly string[]) =>
  Promise.all(
    ids.map(async (id) =>
      (await rig.patient.call("GET", `/clients/${id}/secrets?all=1`, secretsShape)).items.map((s) => s.state),
    ),
  )

/** What an undisturbed apply leaves behind, without names and ids. */
async function endState(planId: string, ids: readonly string[]) {
  const plan = await rig.patient.call("GET", `/plans/${planId}`, planShape)
  const secrets = await secretsOf(ids)
  return {
    status: plan.status,
    changes: plan.changes.map((c) => `${c.verb} ${c.kind}`).toSorted(),
    secrets,
  }
}

const ended = ["applied", "partially_applied", "failed", "stale"]
const statusOf = async (planId: string) => (await rig.patient.call("GET", `/plans/${planId}`, planShape)).status

describe("an apply that is cut off anywhere ends as if it had not been", () => {
  test.each(parts)("%s", async (part) => {
    const provider = await localProvider(rig.api)
    const control = await wanted(`control-${part}`, provider.id)
    await rig.api.call("POST", `/plans/${control.planId}/apply`, z.unknown(), {}, [202])
    await until(async () => (await statusOf(control.planId)) === "applied", 60_000, "the undisturbed plan is applied")

    const cut = await wanted(`cut-${part}`, provider.id)
    await rig.api.call("POST", `/plans/${cut.planId}/apply`, z.unknown(), {}, [202])
    const took: number[] = []
    for (let i = 0; i < 2; i++) {
      await sleep(50 + Math.random() * 250)
      took.push(await strike(rig.stack, part))
    }
    await until(async () => ended.includes(await statusOf(cut.planId)), 120_000, "the cut plan ends")
    // A provider that does not answer may leave a part undone, said so: then Resume, as a person would.
    if (part === "idp" && (await statusOf(cut.planId)) !== "applied") {
      await rig.patient.call("POST", `/plans/${cut.planId}/resume`, z.unknown(), {}, [200, 202])
      await until(async () => (await statusOf(cut.planId)) === "applied", 60_000, "the resumed plan is applied")
    }

    // The canary of a new secret comes after its plan, and is tried again while the provider is down.
    const proven = async (ids: readonly string[]) => (await secretsOf(ids)).flat().every((state) => state === "live")
    await until(() => proven([...control.ids, ...cut.ids]), 90_000, "every secret fetched its token")
    expect(await endState(cut.planId, cut.ids)).toEqual(await endState(control.planId, control.ids))
    const next = await rig.patient.call("POST", "/plans", planShape.extend({ kept: z.array(z.unknown()) }), {
      provider_ids: [provider.id],
    })
    expect(next.changes, "the next plan").toEqual([])
    expect(next.kept, "nothing of ours stands there unknown").toEqual([])
    expect(Math.max(...took)).toBeLessThan(backWithinMs)

    for (const id of cut.ids.slice(0, 2)) {
      const [secret] = (await rig.api.call("GET", `/clients/${id}/secrets`, secretsShape)).items
      const shown = await rig.api.call("POST", `/clients/${id}/secrets/${secret?.id ?? ""}/reveal`, revealedShape)
      const answer = await fetchToken({
        endpoint: shown.token_endpoint,
        client: shown.client_id,
        secret: shown.client_secret,
        audience: cut.audience,
        scope: `cut-${part}:read`,
      })
      expect(answer.status, answer.error).toBe(200)
    }
  })
})
