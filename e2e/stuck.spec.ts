import type { Page } from "@playwright/test"
import { z } from "zod"
import { clientNamed } from "../lib/connectors/fakes/keycloak/state.ts"
import { expect, signIn, test } from "./console.ts"
import { sql } from "./database.ts"
import { look } from "./look.ts"
import { connectKeycloak, putAway } from "./servers.ts"
import { fetchToken, liveSecrets, makeWorld, revealed, type Api, type World } from "./world.ts"

const rotate = async (api: Api, { clientId, providerId }: World, more: object = {}): Promise<string> =>
  (
    await api.call("POST", `/clients/${clientId}/rotations`, z.object({ id: z.string() }), {
      provider_id: providerId,
      ...more,
    })
  ).id

/** As after ten minutes of attempts that failed: the next one is the last. */
const lastAttempt = (id: string) =>
  sql("update rotation set attempts = 13, next_attempt_at = null, version = version + 1 where id = $1", [id])

const stuckAlert = (page: Page) => page.getByRole("alert").filter({ hasText: "Stuck: a person must look" })

async function becomesStuck(page: Page, id: string): Promise<void> {
  await lastAttempt(id)
  await expect(stuckAlert(page)).toBeVisible({ timeout: 60_000 })
}

test("a canary that keeps failing ends in a page that says why, which secrets work, and three ways out", async ({
  page,
  api,
}) => {
  test.setTimeout(240_000)
  const { server, ...provider } = await connectKeycloak(api, { overlaps: true })
  try {
    const world = { ...(await makeWorld(api, `stuck-${Date.now()}`, provider)), providerId: provider.id }
    const [old] = await liveSecrets(api, world.clientId)
    const realm = server.realms.get("m2m")
    const there = realm && clientNamed(realm, world.client)
    if (!there) throw new Error("The client is not at the provider")
    // Somebody switches the client off behind Grantry's back: no token proves the new secret.
    there.enabled = false
    const id = await rotate(api, world)
    await signIn(page)
    await page.goto(`/rotations/${id}`)
    await expect(page.locator("[aria-current=step]")).toContainText(/Canary.*last attempt failed/)
    await becomesStuck(page, id)
    await expect(stuckAlert(page)).toContainText(`old ${old?.fingerprint}`)
    await expect(stuckAlert(page)).toContainText("has not fetched a token yet")
    await expect(stuckAlert(page)).toContainText("answered invalid_client instead of a token.")
    await expect(page.getByRole("button", { name: /^(Resume|Abort, keep old|Emergency revoke)$/ })).toHaveCount(3)
    await look(page, "stuck")
    await page.goto("/rotations")
    const row = page.getByRole("table", { name: "Rotations: due" }).getByRole("row").filter({ hasText: world.client })
    await expect(row).toContainText("stuck")
    await row.getByRole("link", { name: world.client }).click()

    // Resumed with the cause still there it comes back; with the cause gone it goes on where it stood.
    await page.getByRole("button", { name: "Resume" }).click()
    await expect(stuckAlert(page)).toBeHidden()
    await becomesStuck(page, id)
    there.enabled = true
    await page.getByRole("button", { name: "Resume" }).click()
    await expect(page.getByRole("button", { name: "Confirm delivery" })).toBeVisible({ timeout: 60_000 })
    await page.getByRole("button", { name: "Abort, keep old" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Abort, keep old" }).click()
    await expect(page.getByText(/The new secret is gone/)).toBeVisible({ timeout: 60_000 })
    expect((await liveSecrets(api, world.clientId)).map((s) => s.id)).toEqual([old?.id])
  } finally {
    await putAway(api, provider.id, server)
  }
})

test("an old secret that is still used keeps the gate shut past the overlap, and a named person's reason ends it", async ({
  page,
  api,
}) => {
  test.setTimeout(180_000)
  const world = await makeWorld(api, `used-${Date.now()}`)
  const [old] = await liveSecrets(api, world.clientId)
  const shown = await api.call("POST", `/clients/${world.clientId}/secrets/${old?.id}/reveal`, revealed)
  const id = await rotate(api, world, { grace_seconds: 3_600 })
  await api.call("POST", `/rotations/${id}/confirm`, z.unknown(), {})
  const token = await fetchToken({
    endpoint: shown.token_endpoint,
    client: world.client,
    secret: shown.client_secret,
    audience: world.audience,
    scope: "payments:write",
  })
  expect(token.status).toBe(200)
  await sql("update rotation set grace_until = now(), version = version + 1 where id = $1", [id])

  await signIn(page)
  await page.goto(`/rotations/${id}`)
  const gate = page.getByRole("region", { name: "Evidence gate" })
  await expect(gate).toContainText(/Old secret last used .* unseen for/, { timeout: 60_000 })
  await expect(page.getByText("overdue", { exact: true })).toBeVisible()
  await expect(page.getByRole("main")).toContainText("and the old secret still lives")
  await look(page, "overdue")
  await page.getByRole("button", { name: "Retire old secret" }).click()
  const dialog = page.getByRole("dialog", { name: "The gate is closed" })
  await expect(dialog).toContainText("Old secret last used")
  await dialog.getByRole("textbox", { name: "Reason" }).fill("The last instance is a test machine")
  await dialog.getByRole("button", { name: "Override and retire" }).click()
  await expect(page.getByText("The evidence stands in the journal below.")).toBeVisible({ timeout: 60_000 })
  expect((await liveSecrets(api, world.clientId)).map((s) => s.id)).not.toContain(old?.id)
})
