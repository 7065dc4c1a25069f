import type { Page } from "@playwright/test"
import { admin } from "./global-setup.ts"
import { expect, signIn, test } from "./console.ts"
import { makeWorld } from "./world.ts"

/** Presses Tab until what has the focus fits, at most 60 times. */
async function tabTo(page: Page, role: "row" | "tab" | "button" | "gridcell", name: string): Promise<void> {
  const wanted = page.getByRole(role, { name })
  for (let i = 0; i < 60; i++) {
    if (await wanted.evaluateAll((all) => all.some((e) => e === document.activeElement))) return
    await page.keyboard.press("Tab")
  }
  throw new Error(`The focus never came to ${role} ${name}`)
}

test("a client is found, opened and its rotation asked for without a mouse", async ({ page, api }) => {
  const { client } = await makeWorld(api, `keys-${Date.now()}`)
  await page.goto("/login")
  await page.getByLabel("Email").focus()
  await page.keyboard.type(admin.email)
  await page.keyboard.press("Tab")
  await page.keyboard.type(admin.password)
  await page.keyboard.press("Enter")
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible()

  await test.step("go to the clients by two letters, filter, open the row", async () => {
    // Keys are heard once the page is alive, which nothing on it shows.
    await expect(async () => {
      await page.keyboard.press("g")
      await page.keyboard.press("c")
      await expect(page.getByRole("heading", { level: 1, name: "Clients" })).toBeVisible({ timeout: 3_000 })
    }).toPass()
    await page.keyboard.press("/")
    await page.keyboard.type(client)
    await expect(page.getByText("1 in all")).toBeVisible()
    await tabTo(page, "row", client)
    await page.keyboard.press("Enter")
    await expect(page.getByRole("heading", { level: 1, name: client })).toBeVisible()
  })

  await test.step("to its secrets by the arrow keys, and a dialog that gives the focus back", async () => {
    await tabTo(page, "tab", "Summary")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await expect(page.getByRole("tab", { name: "Secrets" })).toHaveAttribute("aria-selected", "true")
    await expect(page.getByRole("button", { name: "Start rotation" })).toBeVisible()
    await tabTo(page, "button", "Start rotation")
    await page.keyboard.press("Enter")
    const dialog = page.getByRole("dialog", { name: `Rotate the secret of ${client}` })
    await expect(dialog).toBeVisible()
    await page.keyboard.press("Escape")
    await expect(dialog).toBeHidden()
    await expect(page.getByRole("button", { name: "Start rotation" })).toBeFocused()
  })

  await test.step("to another page by the palette", async () => {
    await page.keyboard.press("Control+k")
    await expect(page.getByRole("dialog").getByRole("textbox")).toBeFocused()
    await page.keyboard.type("Debugger")
    await expect(page.getByRole("dialog").getByText("Debugger", { exact: true }).first()).toBeVisible()
    await page.keyboard.press("Enter")
    await expect(page.getByRole("heading", { level: 1, name: "Debugger" })).toBeVisible()
  })
})

test("the matrix of grants is one stop of the tab key, also after a filter took the cell away that had it", async ({
  page,
  api,
}) => {
  const stamp = Date.now()
  const [first, second] = [await makeWorld(api, `${stamp}-a`), await makeWorld(api, `${stamp}-b`)]
  await signIn(page)
  await page.goto(`/grants?view=matrix&q=${stamp}`)
  const grid = page.getByRole("grid", { name: "Clients and audiences: granted against observed" })
  await expect(grid.getByRole("gridcell")).toHaveCount(4)
  await tabTo(page, "gridcell", first.client)
  await page.keyboard.press("Control+End")
  await expect(grid.getByRole("gridcell", { name: second.client }).last()).toBeFocused()

  await page.getByPlaceholder("Filter by client or owner").fill(`${stamp}-a`)
  await expect(grid.getByRole("gridcell")).toHaveCount(1)
  await tabTo(page, "gridcell", first.client)
  await page.keyboard.press("Enter")
  const panel = page.getByRole("dialog", { name: `${first.client} → ${first.audience}` })
  await expect(panel).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(panel).toBeHidden()
  await expect(grid.getByRole("gridcell", { name: first.client })).toBeFocused()
})
