import type { Page } from "@playwright/test"
import { expect, signIn, test } from "./console.ts"
import { makeScene, settle } from "./scene.ts"

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

test("a control explains itself to pointer and keyboard", async ({ page, api }) => {
  const scene = await makeScene(api, `tip-${Date.now()}`)
  await signIn(page)
  await page.goto(`/clients/${scene.clientId}`)
  await settle(page)
  const tip = page.getByRole("tooltip")
  const copy = page.getByRole("button", { name: /^Copy/ }).first()
  await expect(async () => {
    await page.mouse.move(0, 0)
    await copy.hover()
    await expect(tip).toBeVisible({ timeout: 2_000 })
  }).toPass()
  await expect(copy).toHaveAccessibleDescription(/^Copy/)
  await page.mouse.move(0, 0)
  await expect(tip).toBeHidden()
  await copy.focus()
  await page.keyboard.press("Shift+Tab")
  await page.keyboard.press("Tab")
  await expect(tip).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(tip).toBeHidden()
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
  await page.getByRole("button", { name: "Remove pci" }).click()
  await expect(remove).toHaveCount(1)
  await expect(page.getByRole("heading", { level: 1, name: "New client" })).toBeVisible()
})
