/** Which rotations do not begin, and who may not begin one. */
import { describe, expect, test } from "vitest"
import type { Actor } from "../auth/actor.ts"
import type { Refused } from "../base/errors.ts"
import { db } from "../db/client.ts"
import { ada, refusal } from "../registry/commands.fixture.ts"
import { revealSecret } from "../secrets/commands.ts"
import { emergencyRevoke, onRevealed, retireRotation } from "./commands.ts"
import { getRotation } from "./queries.ts"
import { fetchState, rotationStage } from "./stage.fixture.ts"
import { startRotation } from "./start.ts"

const stage = rotationStage()
const { fresh, start } = stage

describe("what may not start", () => {
  test("a second rotation of one client on one provider, also when both come at once", async () => {
    const client = await fresh()
    const both = await Promise.allSettled([start(client.id), start(client.id), start(client.id)])
    expect(both.filter((o) => o.status === "fulfilled")).toHaveLength(1)
    // The losers see the winner's row, or, a moment earlier or later, its secret in the making.
    for (const o of both)
      if (o.status === "rejected")
        expect(["rotation_in_flight", "secret_pending"]).toContain((o.reason as Refused).code)
    expect(stage.sim.secrets.get(client.name)).toHaveLength(2)
  })

  test("one that would exceed the provider's live secrets, in place without confirmation, without a secret, with keys, disabled", async () => {
    const client = await fresh()
    stage.sim.liveMax = 1
    expect((await refusal(start(client.id))).evidence).toMatchObject({ live_max: 1 })
    stage.sim.strategy = "in_place"
    expect((await refusal(start(client.id))).code).toBe("downtime_confirmation_needed")
    Object.assign(stage.sim, { strategy: "overlap", liveMax: 3 })
    await db().client.update({ where: { id: client.id }, data: { enabled: false } })
    expect((await refusal(start(client.id))).code).toBe("client_disabled")
    await db().client.update({ where: { id: client.id }, data: { enabled: true, authMethod: "private_key_jwt" } })
    expect((await refusal(start(client.id))).code).toBe("uses_keys")
    const bare = await fresh()
    stage.sim.secrets.set(bare.name, [])
    await db().clientSecret.deleteMany({ where: { clientId: bare.id } })
    expect((await refusal(start(bare.id))).code).toBe("no_secret")
  })

  test("a foreign secret is shown and outlives the rotation", async () => {
    const client = await fresh()
    const foreign = { remoteId: "foreign", value: "x", fingerprint: "fp_other", createdAt: new Date(0).toISOString() }
    stage.sim.secrets.get(client.name)?.push(foreign)
    const { id } = await start(client.id)
    const detail = await getRotation(ada, id, stage.sim.world)
    expect(detail.steps[0]?.detail).toMatchObject({ foreign_secrets: ["foreign"] })
    await emergencyRevoke(ada, id, undefined, stage.sim.world)
    expect(stage.sim.secrets.get(client.name)?.some((s) => s.remoteId === "foreign")).toBe(true)
  })
})

describe("a user whose sign-in is older than five minutes (T14)", () => {
  const stale = (): Actor => ({ ...ada, authenticatedAt: new Date(Date.now() - 6 * 60_000) })

  test("starts, reveals, retires and revokes nothing before the password was confirmed; an API token may", async () => {
    const client = await fresh()
    const input = { provider_id: stage.provider, confirm: false, grace_seconds: 0 }
    expect((await refusal(startRotation(stale(), client.id, input, stage.sim.world))).code).toBe("step_up_needed")
    expect(await db().rotation.count({ where: { clientId: client.id } })).toBe(0)
    const { id, newSecretId } = await start(client.id)
    const asked = [
      revealSecret(stale(), client.id, newSecretId ?? "", onRevealed, stage.sim.world.open),
      retireRotation(stale(), id, { reason: "now" }, stage.sim.world),
      emergencyRevoke(stale(), id, "now", stage.sim.world),
    ]
    for (const one of asked) expect(await refusal(one)).toMatchObject({ code: "step_up_needed", status: 403 })
    expect(await fetchState(id)).toBe("verified")
    const token: Actor = { ...stale(), kind: "token", authenticatedAt: null }
    const all = new Set([...ada.permissions, "secrets:reveal" as const])
    const revealed = await revealSecret(
      { ...token, permissions: all },
      client.id,
      newSecretId ?? "",
      onRevealed,
      stage.sim.world.open,
    )
    expect(revealed.secret_id).toBe(newSecretId)
  })
})
