import type { Page } from "@playwright/test"
import { z } from "zod"
import { expect, signIn, test } from "./console.ts"
import { liveSecrets, makeWorld, type Api, type World } from "./world.ts"

/** A rotation that waits for its delivery, on its page. */
async function begun(page: Page, api: Api, suffix: string): Promise<World> {
  const world = await makeWorld(api, `${suffix}-${Date.now()}`)
  const { id } = await api.call("POST", `/clients/${world.clientId}/rotations`, z.object({ id: z.string() }), {
    provider_id: world.providerId,
  })
  await signIn(page)
  await page.goto(`/rotations/${id}`)
  await expect(page.getByRole("button", { name: "Confirm delivery" })).toBeVisible({ timeout: 60_000 })
  return world
}

/** Presses the button of that name on the page, fills the dialog that it opens, and takes the dialog's verb. */
async function act(
  page: Page,
  name: string,
  verb = name,
  fill: (dialog: ReturnType<Page["getByRole"]>) => Promise<void> = async () => {},
) {
  await page.getByRole("button", { name, exact: true }).click()
  const dialog = page.getByRole("dialog")
  await fill(dialog)
  await dialog.getByRole("button", { name: verb, exact: true }).click()
  await expect(dialog).toBeHidden()
}

test("an overlap is extended, and a closed gate is overridden only with a reason", async ({ page, api }) => {
  const { clientId } = await begun(page, api, "override")
  await act(page, "Confirm delivery")
  await expect(page.getByRole("button", { name: "Extend overlap" })).toBeVisible({ timeout: 60_000 })
  const ends = page.locator("dl > div").filter({ hasText: "Overlap ends" })
  const before = await ends.textContent()
  await act(page, "Extend overlap")
  await expect(ends).not.toHaveText(before ?? "")
  await act(page, "Retire old secret", "Override and retire", async (dialog) => {
    await expect(dialog).toHaveAccessibleName("The gate is closed")
    await expect(dialog.getByRole("button", { name: "Override and retire" })).toBeDisabled()
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Every instance was restarted by hand")
  })
  await expect(page.getByText("The evidence stands in the journal below.")).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText(/: Every instance was restarted by hand$/).first()).toBeVisible()
  expect(await liveSecrets(api, clientId)).toHaveLength(1)
})

test("an aborted rotation leaves the old secret alone", async ({ page, api }) => {
  const { clientId } = await begun(page, api, "abort")
  const both = await liveSecrets(api, clientId)
  await act(page, "Abort, keep old", "Abort, keep old", (dialog) =>
    dialog.getByRole("textbox", { name: "Reason" }).fill("The wrong client"),
  )
  await expect(page.getByText(/The new secret is gone/).first()).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole("button", { name: /Abort|Extend|Confirm|Emergency/ })).toHaveCount(0)
  const left = await liveSecrets(api, clientId)
  expect(left.map((s) => s.id)).toEqual([both[0]?.id])
})

test("an emergency revoke asks for the client's name and ends the old secret", async ({ page, api }) => {
  const { clientId, client } = await begun(page, api, "leak")
  const [old] = await liveSecrets(api, clientId)
  await act(page, "Emergency revoke", "End the old secret now", async (dialog) => {
    const verb = dialog.getByRole("button", { name: "End the old secret now" })
    await dialog.getByRole("textbox", { name: /^Type/ }).fill(client.slice(0, -1))
    await expect(verb).toBeDisabled()
    await dialog.getByRole("textbox", { name: /^Type/ }).fill(client)
    await dialog.getByRole("textbox", { name: "Reason" }).fill("It stood in a public log")
  })
  await expect(page.getByText("The evidence stands in the journal below.")).toBeVisible({ timeout: 60_000 })
  const left = await liveSecrets(api, clientId)
  expect(left).toHaveLength(1)
  expect(left[0]?.id).not.toBe(old?.id)
})

test("a dialog about what has happened meanwhile goes away, and the page says what is", async ({ page, api }) => {
  await begun(page, api, "meanwhile")
  await page.getByRole("button", { name: "Confirm delivery" }).click()
  const dialog = page.getByRole("dialog", { name: "Confirm delivery" })
  await expect(dialog).toBeVisible()
  await api.call("POST", `${new URL(page.url()).pathname}/abort`, z.unknown(), {}, [200, 202])
  await expect(dialog).toBeHidden()
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Activity" }).click()
  await expect(page.getByRole("heading", { level: 1, name: "Activity" })).toBeVisible()
})

test("what was refused once does not stand in the next dialog", async ({ page, api }) => {
  await begun(page, api, "refused")
  await page.route("**/confirm", async (route) => {
    await api.call("POST", `${new URL(page.url()).pathname}/confirm`, z.unknown(), {}, [200, 202])
    await route.fulfill({
      status: 409,
      contentType: "application/problem+json",
      json: { status: 409, code: "wrong_state", detail: "Somebody was faster." },
    })
  })
  await page.getByRole("button", { name: "Confirm delivery" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByRole("button", { name: "Confirm delivery" }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText("Somebody was faster")).toBeVisible()
  await page.getByRole("button", { name: "Extend overlap" }).click({ timeout: 60_000 })
  await expect(dialog).toBeVisible()
  await expect(page.getByText("Somebody was faster")).toHaveCount(0)
})
