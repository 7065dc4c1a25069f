/** The first secret of a client: made by the apply, live by a canary, shown once. */
import { describe, expect, test } from "vitest"
import { db } from "../db/client.ts"
import { revealSecret } from "../secrets/commands.ts"
import { ada, addAudience, addClient, addGrant, applyAll, filled, refusal, rig, testServers } from "./rig.fixture.ts"
import { clientOf, secretsOf } from "./seen.fixture.ts"

testServers()

const nothing = async () => {}

describe("first secret", () => {
  test("apply makes it, a canary makes it live, and it is revealed once", async () => {
    const r = await filled()
    const client = await clientOf(r)
    const [secret] = await secretsOf(client.id)
    // One token made the secret live, one showed the plan's outcome.
    expect([secret?.state, secret?.provider_id, r.sim.tokens]).toEqual(["live", r.providerId, 2])
    const both = await Promise.allSettled([
      revealSecret(ada, client.id, secret?.id ?? "", nothing, r.world.open),
      revealSecret(ada, client.id, secret?.id ?? "", nothing, r.world.open),
    ])
    const shown = both.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
    expect(shown).toMatchObject([
      { client_id: client.name, fingerprint: secret?.fingerprint, token_endpoint: `${r.sim.issuer}/token` },
    ])
    expect(r.sim.secrets.get(client.name)?.[0]?.value).toBe(shown[0]?.client_secret)
    expect((await refusal(revealSecret(ada, client.id, secret?.id ?? "", nothing, r.world.open))).status).toBe(410)
    expect((await db().clientSecret.findUniqueOrThrow({ where: { id: secret?.id ?? "" } })).sealed).toBeNull()
  })

  test("without a grant it stays pending, can be revealed, and goes live with the first grant", async () => {
    const r = await rig()
    await addClient(r, "order")
    await applyAll(r)
    const client = await clientOf(r)
    const [pending] = await secretsOf(client.id)
    expect(pending).toMatchObject({ state: "pending", revealable: true, error: null })
    await revealSecret(ada, client.id, pending?.id ?? "", nothing, r.world.open)
    await addAudience(r, "pay")
    await addGrant(r, "order", "pay")
    await applyAll(r)
    expect((await secretsOf(client.id)).map(({ id, state }) => [id, state])).toEqual([[pending?.id, "live"]])
    expect((await db().clientSecret.findUniqueOrThrow({ where: { id: pending?.id ?? "" } })).sealed).toBeNull()
  })
})
