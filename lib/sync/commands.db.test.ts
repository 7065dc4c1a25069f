/** Every command of the room that writes, while the trail takes nothing. */
import { describe, expect, test } from "vitest"
import { db } from "../db/client.ts"
import { createProvider, requestRead, updateProvider } from "../providers/commands.ts"
import { deleteProvider } from "../providers/disconnect.ts"
import { revealSecret } from "../secrets/commands.ts"
import { approvePlan, discardPlan, renamePlan } from "./commands.ts"
import { createPlan } from "./create-plan.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"
import { adoptDrift, ignoreDrift, revertDrift } from "./drift-commands.ts"
import { adoptImport, deleteImport, importProvider } from "./import.ts"
import { protectPlacement, unmanage } from "./placements.ts"
import { readProvider } from "./read.ts"
import { ada, addAudience, addClient, filled, planOf, testServers } from "./rig.fixture.ts"
import { clientOf, driftOf, secretsOf } from "./seen.fixture.ts"

testServers()

const yes = { confirm: [], beyond_limit: false }
const nothing = async () => {}

describe("no change without its trail entry (F26)", () => {
  test("when the trail refuses, every command of this room leaves everything as it was", async () => {
    const r = await filled()
    const { id: clientId, name } = await clientOf(r)
    r.sim.meddle("client", name, { owner: "intruder" })
    r.sim.meddle("client", `${r.tag}-foreign`, {
      display_name: "F",
      owner: "f",
      auth_method: "client_secret_basic",
      enabled: true,
    })
    await readProvider(r.providerId, r.world)
    const drift = (await driftOf(r))[0]?.id ?? ""
    await addAudience(r, "more")
    await addClient(r, "more")
    const [open, failed] = [await planOf(r), await planOf(r)]
    await db().plan.update({ where: { id: failed.id }, data: { status: "failed" } })
    const found = await importProvider(ada, r.providerId, r.world)
    const secret = (await secretsOf(clientId))[0]?.id ?? ""
    const placed = await db().placement.findFirstOrThrow({ where: { providerId: r.providerId, key: name } })
    const settings = { issuer: "http://127.0.0.1:1", admin_token: "t" }
    const other = await createProvider(ada, { kind: "local", name: `${r.tag}-other`, environment: "test", settings })
    const commands: Record<string, () => Promise<unknown>> = {
      createPlan: () => createPlan(ada, { provider_ids: [r.providerId] }, r.world),
      renamePlan: () => renamePlan(ada, open.id, "x", null),
      approvePlan: () => approvePlan(ada, open.id),
      discardPlan: () => discardPlan(ada, open.id),
      applyPlan: () => applyPlan(ada, open.id, yes),
      resumePlan: () => resumePlan(ada, failed.id),
      revertDrift: () => revertDrift(ada, drift, null),
      ignoreDrift: () => ignoreDrift(ada, drift, new Date(Date.now() + 1e6), null),
      adoptDrift: () => adoptDrift(ada, drift, null),
      importProvider: () => importProvider(ada, r.providerId, r.world),
      adoptImport: () => adoptImport(ada, found.id, [`${r.tag}-foreign`]),
      deleteImport: () => deleteImport(ada, found.id),
      protectPlacement: () => protectPlacement(ada, placed.id, { protected: true }),
      unmanage: () => unmanage(ada, placed.id, null),
      revealSecret: () => revealSecret(ada, clientId, secret, nothing, r.world.open),
      createProvider: () => createProvider(ada, { kind: "local", name: `${r.tag}-new`, environment: "test", settings }),
      updateProvider: () => updateProvider(ada, other.id, { name: "renamed" }, null),
      deleteProvider: () => deleteProvider(ada, other.id, null),
      requestRead: () => requestRead(ada, other.id),
    }
    const tables = [
      "plan",
      "plan_change",
      "drift_item",
      "import",
      "placement",
      "client",
      "client_provider",
      "audience",
      "audience_grant",
      "client_secret",
    ]
    const snapshot = async () => {
      const all: unknown[] = [
        await db().$queryRaw`select id, name, version, settings, read_requested_at from provider order by id`,
      ]
      for (const table of tables)
        all.push(
          await db().$queryRawUnsafe(`select md5(string_agg(t::text, '|' order by t::text)) as md5 from ${table} t`),
        )
      return JSON.stringify(all)
    }
    await db().$executeRawUnsafe(
      "create function no_trail() returns trigger language plpgsql as $$ begin raise exception 'the trail is closed'; end $$",
    )
    await db().$executeRawUnsafe(
      "create trigger no_trail before insert on trail_entry for each row execute function no_trail()",
    )
    try {
      const before = await snapshot()
      for (const [label, run] of Object.entries(commands)) {
        await expect(run(), label).rejects.toThrow(/trail is closed/)
        expect(await snapshot(), label).toBe(before)
      }
    } finally {
      await db().$executeRawUnsafe("drop trigger no_trail on trail_entry")
    }
    for (const [label, run] of Object.entries({
      revertDrift: commands.revertDrift,
      revealSecret: commands.revealSecret,
      deleteProvider: commands.deleteProvider,
    })) {
      await expect(run?.(), `${label} works again`).resolves.not.toThrow()
    }
  })
})
