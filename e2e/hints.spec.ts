import type { Locator } from "@playwright/test"
import { expect, signIn, test } from "./console.ts"
import { makeScene, settle } from "./scene.ts"
import { eventSource } from "./world.ts"

/** Comes to a control by the tab key: a focus that a script sets shows no hint. */
async function focusByKey(control: Locator): Promise<void> {
  await control.focus()
  await control.press("Shift+Tab")
  await control.page().keyboard.press("Tab")
}

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
  await focusByKey(copy)
  await expect(tip).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(tip).toBeHidden()
})

test("Esc takes a hint away wherever the focus is, and in a drawer the hint alone", async ({ page, api }) => {
  const { id } = await eventSource(api, `hint-${Date.now()}`)
  await signIn(page)
  await page.goto(`/settings?tab=sources&source=${id}`)
  const drawer = page.getByRole("dialog", { name: /^hint-/ })
  const copy = drawer.getByRole("button", { name: "Copy curl line" })
  const tip = page.getByRole("tooltip")
  await expect(copy).toBeVisible()
  await settle(page)
  await copy.hover()
  await expect(tip).toBeVisible()
  await expect(copy).not.toBeFocused()
  await page.keyboard.press("Escape")
  await expect(tip).toBeHidden()
  await expect(drawer).toBeVisible()

  await page.mouse.move(0, 0)
  await focusByKey(copy)
  await expect(tip).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(tip).toBeHidden()
  await expect(drawer).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(drawer).toBeHidden()
})

test("a switch that follows events has its explanation as its own", async ({ page, api }) => {
  await makeScene(api, `live-${Date.now()}`)
  await signIn(page)
  await page.goto("/audit")
  await settle(page)
  const live = page.getByRole("switch", { name: /^Live/ })
  await expect(async () => {
    await page.mouse.move(0, 0)
    await live.hover({ force: true })
    await expect(page.getByRole("tooltip")).toBeVisible({ timeout: 2_000 })
  }).toPass()
  await expect(live).toHaveAccessibleDescription(/^Show events as they arrive/)

  await test.step("where it cannot follow, the keyboard comes to it all the same and hears why", async () => {
    await page.mouse.move(0, 0)
    await page.goto("/audit?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")
    await settle(page)
    await expect(live).toBeDisabled()
    await focusByKey(live)
    await expect(live).toBeFocused()
    await expect(live).toHaveAccessibleDescription(/^A range that stands still/)
    await page.keyboard.press("Space")
    await expect(live).not.toBeChecked()
  })
})
