import { expect, signIn, test } from "./console.ts"
import { eventSource } from "./world.ts"

test("the silence limit of a source is changed and dropped on its page", async ({ page, api }) => {
  const { id } = await eventSource(api, `gateway-${Date.now()}`)
  await signIn(page)
  await page.goto(`/settings?tab=sources&source=${id}`)
  const limit = page.locator("dl > div").filter({ hasText: "Silent after" })
  const change = async (seconds: string) => {
    await page.getByRole("button", { name: "Edit", exact: true }).click()
    const dialog = page.getByRole("dialog", { name: /^Edit gateway-/ })
    await dialog.getByRole("textbox", { name: "Silent after, in seconds" }).fill(seconds)
    await dialog.getByRole("button", { name: "Save source" }).click()
    return dialog
  }
  await expect(await change("300")).toBeHidden()
  await expect(limit).toContainText("5 min")
  await expect(await change("")).toBeHidden()
  await expect(limit).toContainText("no limit")
})
