import { expect, signIn, test } from "./console.ts"
import { makeScene, placesOf, settle } from "./scene.ts"

test.use({ viewport: { width: 390, height: 844 } })

test("on a phone no page is wider than the screen", async ({ page, api }) => {
  test.setTimeout(600_000)
  const scene = await makeScene(api, `phone-${Date.now()}`)
  await page.goto("/login")
  await page.getByLabel("Email").waitFor()
  const beyond = () =>
    page.evaluate(() => {
      const { clientWidth, scrollWidth } = document.documentElement
      return scrollWidth - clientWidth
    })
  expect(await beyond(), "/login").toBe(0)
  await page.setViewportSize({ width: 1440, height: 900 })
  await signIn(page)
  await page.setViewportSize({ width: 390, height: 844 })
  for (const path of placesOf(scene)) {
    await page.goto(path)
    await settle(page)
    expect.soft(await beyond(), `${path}: pixels beyond the screen`).toBe(0)
  }
})

test("on a phone the navigation opens, leads, and closes", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 })
  await signIn(page)
  await page.setViewportSize({ width: 390, height: 844 })
  const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Debugger", exact: true })
  await expect(link).not.toBeInViewport()
  await page.getByRole("button", { name: "Open navigation" }).click()
  await expect(link).toBeInViewport()
  await link.click()
  await expect(page.getByRole("heading", { level: 1, name: "Debugger" })).toBeVisible()
  await expect(link).not.toBeInViewport()
})
