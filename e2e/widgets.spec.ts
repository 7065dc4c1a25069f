import type { Page } from "@playwright/test"
import { expect, pick, signIn, test } from "./console.ts"
import { makeScene, settle } from "./scene.ts"
import { makeWorld } from "./world.ts"

/** A button that is drawn may not be alive yet: pressed until what it opens is there. */
async function open(page: Page, button: string, role: "menu" | "dialog", name: string): Promise<void> {
  const opened = page.getByRole(role, { name })
  await expect(async () => {
    if (!(await opened.isVisible())) await page.getByRole("button", { name: button }).press("Enter")
    await expect(opened).toBeVisible({ timeout: 2_000 })
  }).toPass()
}

test("a menu is worked by keys alone, and gives the focus back", async ({ page }) => {
  await signIn(page)
  await open(page, "Your account", "menu", "Your account")
  const item = (name: string) => page.getByRole("menuitem", { name, exact: true })
  const menu = page.getByRole("menu")
  await expect(item("Change password")).toBeFocused()
  await page.keyboard.press("ArrowDown")
  await expect(item("Keys")).toBeFocused()
  await page.keyboard.press("s")
  await expect(item("Switch single-letter keys off")).toBeFocused()
  await page.keyboard.press("End")
  await expect(item("Sign out everywhere")).toBeFocused()
  await page.keyboard.press("ArrowDown")
  await expect(item("Change password")).toBeFocused()
  await page.keyboard.press("Escape")
  await expect(menu).toBeHidden()
  await expect(page.getByRole("button", { name: "Your account" })).toBeFocused()

  await page.keyboard.press("Enter")
  await expect(menu).toBeVisible()
  await page.keyboard.press("Tab")
  await expect(menu).toBeHidden()

  await page.getByRole("button", { name: "Theme" }).click()
  await page.mouse.click(700, 600)
  await expect(menu).toBeHidden()

  await page.getByRole("button", { name: "Theme" }).click()
  await item("Dark").click()
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark")
  await expect(menu).toBeHidden()

  await open(page, "Your account", "menu", "Your account")
  await item("Keys").click()
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(page.getByRole("button", { name: "Your account" })).toBeFocused()
})

test("a surface with fields takes the focus, stays on the screen, and gives the focus back", async ({ page, api }) => {
  await makeScene(api, `surface-${Date.now()}`)
  await signIn(page)
  await page.goto("/audit")
  await settle(page)
  await open(page, "Time range", "dialog", "Time range")
  const range = page.getByRole("dialog", { name: "Time range" })
  await expect(range.getByRole("button").first()).toBeFocused()
  await page.keyboard.press("Escape")
  await expect(range).toBeHidden()
  await expect(page.getByRole("button", { name: "Time range" })).toBeFocused()
  await page.setViewportSize({ width: 420, height: 500 })
  await open(page, "Time range", "dialog", "Time range")
  const box = await range.boundingBox()
  expect(
    box && box.x >= 0 && box.x + box.width <= 420 && box.y >= 0 && box.y + box.height <= 500,
    JSON.stringify(box),
  ).toBe(true)
  await range.getByRole("button", { name: "Last 4 hours" }).click()
  await expect(range).toBeHidden()
  await expect(page).toHaveURL(/since=4h/)
})

test("one of many is found by typing and taken by Enter; Esc puts the text back and closes no dialog", async ({
  page,
  api,
}) => {
  const scene = await makeScene(api, `pick-${Date.now()}`)
  await signIn(page)
  await page.goto("/clients")
  await settle(page)
  const owner = page.getByRole("combobox", { name: "Owner" })
  await expect(async () => {
    await owner.fill("ord")
    await expect(page.getByRole("option", { name: "team-orders" })).toBeVisible({ timeout: 2_000 })
  }).toPass()
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(/owner=team-orders/)
  await expect(owner).toHaveValue("team-orders")
  await owner.fill("nobody")
  await expect(page.getByText("No such owner")).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(owner).toHaveValue("team-orders")
  await page.getByRole("button", { name: "Clear owner" }).click()
  await expect(page).not.toHaveURL(/owner=/)

  await page.goto("/grants")
  await settle(page)
  const dialog = page.getByRole("dialog", { name: "New grant" })
  await expect(async () => {
    await page.getByRole("button", { name: "New grant" }).click({ timeout: 2_000 })
    await expect(dialog).toBeVisible({ timeout: 3_000 })
  }).toPass()
  await dialog.getByRole("combobox", { name: "Client" }).fill(scene.client)
  await expect(page.getByRole("option", { name: scene.client })).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(page.getByRole("listbox", { name: "Suggestions" })).toBeHidden()
  await expect(dialog).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(dialog).toBeHidden()
})

test("Enter takes what was typed in full or what the arrows announced, never the present choice or an older answer's first", async ({
  page,
  api,
}) => {
  const stamp = Date.now()
  const [alpha, beta] = [await makeWorld(api, `${stamp}-alpha`), await makeWorld(api, `${stamp}-beta`)]
  await signIn(page)
  await page.goto("/grants")
  await settle(page)
  await open(page, "New grant", "dialog", "New grant")
  const field = page.getByRole("dialog").getByRole("combobox", { name: "Client" })
  const list = page.getByRole("listbox", { name: "Suggestions" })
  const options = list.getByRole("option")
  const announced = () =>
    field.evaluate((it) => document.getElementById(it.getAttribute("aria-activedescendant") ?? "")?.textContent ?? null)

  await field.fill(alpha.client)
  await expect.poll(announced).toBe(alpha.client)
  await page.keyboard.press("Enter")
  await expect(options).toHaveCount(0)
  await expect(field).toHaveValue(alpha.client)

  await test.step("a press before the answer is kept, and taken back by another text", async () => {
    let answer = () => {}
    const asked = new Promise<void>((resolve) => (answer = resolve))
    await page.route("**/api/v1/clients?*", async (route) => {
      await asked
      await route.continue()
    })
    await field.fill(`${beta.client}-no`)
    await page.keyboard.press("Enter")
    await field.fill(beta.client)
    await page.keyboard.press("Enter")
    await expect(page.getByText("Searching")).toBeVisible()
    answer()
    await expect(list).toBeHidden()
    await expect(field).toHaveValue(beta.client)
    await page.unroute("**/api/v1/clients?*")
  })

  await test.step("a part of a name chooses nobody until the arrows do", async () => {
    await field.fill(`order-service-${stamp}`)
    await expect(options).toHaveText([alpha.client, beta.client])
    await page.keyboard.press("Enter")
    await expect(options).toHaveCount(2)
    expect(await announced()).toBeNull()
    await page.keyboard.press("ArrowDown")
    expect(await announced()).toBe(alpha.client)
    await page.keyboard.press("Enter")
    await expect(field).toHaveValue(alpha.client)
  })

  await test.step("a list that is only opened stands at the choice", async () => {
    await field.click()
    await expect.poll(announced).toBe(alpha.client)
    await page.keyboard.press("Enter")
    await expect(field).toHaveValue(alpha.client)
  })

  await test.step("nobody of that name is said, also while somebody is chosen", async () => {
    await field.fill("nobody-of-this-name")
    await expect(page.getByText("No client fits")).toBeVisible()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(field).toHaveValue(alpha.client)
  })

  await test.step("in a cleared field Enter takes what the arrows announce, and else clears the choice", async () => {
    await field.fill("")
    await expect(options.first()).toBeVisible()
    await page.keyboard.press("ArrowDown")
    const wanted = await announced()
    expect(wanted).not.toBeNull()
    await page.keyboard.press("Enter")
    await expect(field).toHaveValue(wanted ?? "")
    await field.fill("")
    await page.keyboard.press("Enter")
    await expect(field).toHaveValue("")
    await expect(page.getByRole("button", { name: "Clear client" })).toHaveCount(0)
  })
})

test("every dialog gives the focus back, also one that a menu opened", async ({ page, api }) => {
  await makeScene(api, `back-${Date.now()}`)
  await signIn(page)
  await page.goto("/audit")
  await settle(page)
  const searches = page.getByRole("button", { name: "Searches", exact: true })
  const save = page.getByRole("menuitem", { name: "Save this search" })
  await expect(async () => {
    if (!(await save.isVisible())) await searches.press("Enter")
    await expect(save).toBeVisible({ timeout: 2_000 })
  }).toPass()
  await save.press("Enter")
  const dialog = page.getByRole("dialog", { name: "Save this search" })
  await expect(dialog.getByRole("textbox", { name: "Name" })).toBeFocused()
  await page.keyboard.press("Escape")
  await expect(dialog).toBeHidden()
  await expect(searches).toBeFocused()

  await page.goto("/rotations")
  await settle(page)
  const start = page.getByRole("button", { name: "Start rotation" }).first()
  await open(page, "Start rotation", "dialog", "Start rotation")
  await expect(page.getByRole("dialog").getByRole("combobox")).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(page.getByRole("dialog")).toBeHidden()
  await expect(start).toBeFocused()
})

test("a test token is asked for where the client stands, and what is missing is said", async ({ page, api }) => {
  const { client, audience } = await makeWorld(api, `ask-${Date.now()}`)
  await signIn(page)
  await page.goto("/debugger")
  await settle(page)
  const panel = page.locator("section").filter({ has: page.getByRole("heading", { name: "Fetch a test token" }) })
  await expect(panel).toContainText("Choose a client and an audience.")
  await expect(async () => {
    await pick(panel, "Client", client)
    await expect(panel).toContainText("Choose an audience.", { timeout: 3_000 })
  }).toPass()
  await expect(panel.getByRole("combobox", { name: "Provider" })).toContainText("Where the client stands: local")
  await pick(panel, "Audience", audience)
  await panel.getByRole("button", { name: "Fetch a token" }).click()
  await expect(panel.getByRole("status")).toContainText(["A token came within"])
})

test("tags are added by Enter and comma, and taken away again", async ({ page }) => {
  await signIn(page)
  await page.goto("/clients/new")
  await settle(page)
  const tags = page.getByRole("textbox", { name: "Tags" })
  const remove = page.getByRole("button", { name: /^Remove / })
  await expect(async () => {
    await tags.fill("pci")
    await tags.press("Enter")
    await expect(remove).toHaveCount(1, { timeout: 2_000 })
  }).toPass()
  await tags.fill("eu, gold")
  await tags.press("Enter")
  await expect(remove).toHaveCount(3)
  await tags.press("Backspace")
  await expect(remove).toHaveCount(2)
  await page.getByRole("button", { name: "Remove pci" }).press("Enter")
  await expect(remove).toHaveCount(1)
  await expect(tags).toBeFocused()
  await expect(page.getByRole("heading", { level: 1, name: "New client" })).toBeVisible()
})
