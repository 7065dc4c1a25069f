import type { Page } from "@playwright/test"
import { expect, signIn, test } from "./console.ts"
import { look } from "./look.ts"
import { connectKeycloak, connectRegistration, type FakeKeycloak, putAway } from "./servers.ts"
import { fetchToken, liveSecrets, makeWorld, revealed, type Api, type World } from "./world.ts"

/** From the client's Secrets tab to the page of a rotation whose downtime was agreed to. */
async function begin(page: Page, { clientId }: World): Promise<void> {
  await signIn(page)
  await page.goto(`/clients/${clientId}?tab=secrets`)
  await page.getByRole("button", { name: "Start rotation" }).click()
  const dialog = page.getByRole("dialog")
  await expect(dialog.getByRole("radiogroup", { name: "Overlap after delivery" })).toBeVisible()
  await dialog.getByRole("button", { name: "Start rotation" }).click()
  await expect(dialog.getByText("The old secret stops working", { exact: true })).toBeVisible()
  // What the provider cannot do is not offered any more.
  await expect(dialog.getByRole("radiogroup")).toHaveCount(0)
  await expect(dialog).not.toContainText("ends only when")
  await dialog.getByRole("button", { name: "Start with downtime" }).click()
  await expect(page).toHaveURL(/\/rotations\//)
}

/** Reveals in the open dialog, says that it is stored, and answers the value. */
async function takeValue(page: Page): Promise<string> {
  const dialog = page.getByRole("dialog", { name: /^Secret of/ })
  await dialog.getByRole("button", { name: "Reveal once" }).click()
  const value = await dialog.getByRole("region", { name: "client secret" }).innerText()
  await dialog.getByRole("checkbox", { name: "I stored it" }).check()
  await dialog.getByRole("button", { name: "Done" }).click()
  await expect(dialog).toBeHidden()
  return value.trim()
}

async function switchOver(page: Page, verb: string, { client }: World): Promise<void> {
  await page.getByRole("button", { name: verb, exact: true }).click()
  const dialog = page.getByRole("dialog", { name: "Switch to the new secret" })
  await expect(dialog.getByRole("button", { name: "Switch", exact: true })).toBeDisabled()
  await dialog.getByRole("textbox", { name: /^Type/ }).fill(client)
  await dialog.getByRole("button", { name: "Switch", exact: true }).click()
  await expect(dialog).toBeHidden()
}

const firstSecret = async (api: Api, { clientId }: World): Promise<string> => {
  const [only] = await liveSecrets(api, clientId)
  return (await api.call("POST", `/clients/${clientId}/secrets/${only?.id}/reveal`, revealed)).client_secret
}

const works = async (keycloak: FakeKeycloak, world: World, secret: string): Promise<boolean> =>
  (
    await fetchToken({
      endpoint: `${keycloak.url}/realms/m2m/protocol/openid-connect/token`,
      client: world.client,
      secret,
      audience: world.audience,
      scope: "payments:write",
    })
  ).status === 200

const secretsTable = (page: Page) => page.getByRole("table", { name: "Secret versions of this rotation" })

test("where one secret ends the other, the service gets the new one first, a person switches, and the page never speaks of overlap", async ({
  page,
  api,
}) => {
  test.setTimeout(180_000)
  const { server, ...provider } = await connectKeycloak(api, { overlaps: false })
  try {
    const world = await makeWorld(api, `in-place-${Date.now()}`, provider)
    const old = await firstSecret(api, world)
    await begin(page, world)
    await expect(page.getByRole("main")).toContainText(`Until the switch ${provider.name} accepts the old one only.`)
    await expect(page.getByRole("main")).not.toContainText(/Both secrets work|Overlap (since|ends)|override/)
    await look(page, "in place, before the delivery")
    await page.getByRole("button", { name: "Reveal new secret" }).click()
    const fresh = await takeValue(page)
    expect([await works(server, world, old), await works(server, world, fresh)]).toEqual([true, false])

    await switchOver(page, "The service holds both: switch", world)
    await expect(page.getByText(`${provider.name} accepts the new secret only. The evidence stands`)).toBeVisible({
      timeout: 60_000,
    })
    await expect(secretsTable(page).getByRole("row").filter({ hasText: "old" })).toContainText("retired")
    expect([await works(server, world, old), await works(server, world, fresh)]).toEqual([false, true])
  } finally {
    await putAway(api, provider.id, server)
  }
})

test("a value that the provider chooses is revealed after the switch, and until then the page says that the service has none", async ({
  page,
  api,
}) => {
  test.setTimeout(180_000)
  const { server, ...provider } = await connectRegistration(api)
  try {
    const world = await makeWorld(api, `chosen-${Date.now()}`, provider)
    await begin(page, world)
    await expect(page.getByRole("main")).toContainText("chooses the new secret at the switch")
    await expect(page.getByRole("button", { name: "Reveal new secret" })).toHaveCount(0)
    await page.getByRole("button", { name: "The place is ready" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "The place is ready" }).click()
    await switchOver(page, "Switch now", world)
    const without = page.getByRole("alert").filter({ hasText: "does not hold the new secret yet" })
    await expect(without).toBeVisible({ timeout: 60_000 })
    await look(page, "in place, not yet revealed")
    await without.getByRole("button", { name: "Reveal new secret" }).click()
    const value = await takeValue(page)
    await expect(without).toBeHidden()
    expect([...server.clients.values()].map((c) => c.secret)).toContain(value)
  } finally {
    await putAway(api, provider.id, server)
  }
})

test("a switch that the provider refuses leaves the old secret alone: a person resumes it or gives it up", async ({
  page,
  api,
}) => {
  test.setTimeout(180_000)
  const { server, ...provider } = await connectKeycloak(api, { overlaps: false })
  try {
    const world = await makeWorld(api, `refused-${Date.now()}`, provider)
    const old = await firstSecret(api, world)
    await begin(page, world)
    await page.getByRole("button", { name: "Reveal new secret" }).click()
    await takeValue(page)
    server.faults.add({
      match: ({ method, path }) => method === "PUT" && /^\/admin\/realms\/m2m\/clients\/[^/]+$/.test(path),
      times: 50,
      answer: { status: 403, json: { error: "HTTP 403 Forbidden" } },
    })
    await switchOver(page, "The service holds both: switch", world)
    const stuck = page.getByRole("alert").filter({ hasText: "Stuck: a person must look" })
    await expect(stuck).toContainText("Resume goes on", { timeout: 60_000 })
    await page.getByRole("button", { name: "Abort, keep old" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Abort, keep old" }).click()
    await expect(page.getByText(/The new secret is gone/)).toBeVisible({ timeout: 60_000 })
    expect(await works(server, world, old)).toBe(true)
  } finally {
    await putAway(api, provider.id, server)
  }
})
