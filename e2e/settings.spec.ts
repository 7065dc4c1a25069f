import { z } from "zod"
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

test("nobody's role changes by going through the list of roles: it is asked for, confirmed and told", async ({
  page,
  api,
}) => {
  const email = `role-${Date.now()}@example.com`
  const user = { email, name: "Role", role: "viewer", password: "a long enough password" }
  const { id } = await api.call("POST", "/users", z.object({ id: z.string() }), user)
  const role = async () => (await api.call("GET", `/users/${id}`, z.object({ role: z.string() }))).role
  const sent: string[] = []
  page.on("request", (request) => {
    if (request.method() === "PATCH") sent.push(request.postData() ?? "")
  })
  await signIn(page)
  await page.goto("/settings?tab=users")
  const select = page.getByRole("combobox", { name: `Role of ${email}` })
  const change = page.getByRole("button", { name: "Change role" })
  await expect(async () => {
    await select.selectOption("operator")
    await select.selectOption("admin")
    await expect(change).toBeVisible({ timeout: 2_000 })
  }).toPass()
  expect(sent).toEqual([])
  await change.click()
  const dialog = page.getByRole("dialog", { name: `Make ${email} an administrator` })
  await dialog.getByRole("button", { name: "Cancel" }).click()
  await expect(dialog).toBeHidden()
  await expect(change).toBeFocused()
  expect([sent, await role()]).toEqual([[], "viewer"])
  await select.selectOption("viewer")
  await expect(change).toBeHidden()

  await select.selectOption("admin")
  await change.click()
  await dialog.getByRole("button", { name: "Make an administrator" }).click()
  await expect(dialog).toBeHidden()
  await expect(change).toBeHidden()
  await expect(select).toHaveValue("admin")
  await expect(select).toBeFocused()
  expect([sent, await role()]).toEqual([['{"role":"admin"}'], "admin"])
})

test("what is no whole number of days is told and never saved as another one", async ({ page, api }) => {
  const days = async () =>
    (await api.call("GET", "/retention", z.object({ retention_days: z.number() }))).retention_days
  const before = await days()
  const sent: string[] = []
  page.on("request", (request) => {
    if (request.method() === "PATCH") sent.push(request.postData() ?? "")
  })
  await signIn(page)
  await page.goto("/settings?tab=retention")
  const field = page.getByRole("textbox", { name: "Keep token events for, in days" })
  const save = page.getByRole("button", { name: "Save", exact: true })
  await expect(field).toHaveValue(String(before))
  for (const [typed, why] of [
    ["36.5", "A whole number, in digits only."],
    ["1e2", "A whole number, in digits only."],
    ["-90", "A whole number, in digits only."],
    ["366", "From 1 to 365."],
  ] as const) {
    await field.fill("")
    await field.pressSequentially(typed)
    await page.keyboard.press("Enter")
    await expect(field).toHaveValue(typed)
    await page.keyboard.press("Tab")
    await expect(field).toHaveAccessibleDescription(new RegExp(why))
    if (await save.isEnabled()) await save.click()
  }
  expect([sent, await days()]).toEqual([[], before])
  await field.fill("77")
  await save.click()
  await expect(page.getByText("Events are kept for 77 days.")).toBeVisible()
  await field.fill(String(before))
  await save.click()
  await expect(page.getByText(`Events are kept for ${before} days.`)).toBeVisible()
})

test("of more than fifty tokens the oldest is found on the page too", async ({ page, api }) => {
  const stamp = Date.now()
  const made: string[] = []
  for (let i = 0; i <= 50; i++) {
    const body = { name: `many-${stamp}-${i}`, permissions: ["registry:read"] }
    made.push((await api.call("POST", "/api-tokens", z.object({ id: z.string() }), body)).id)
  }
  await signIn(page)
  await page.goto("/settings?tab=tokens")
  await page.getByRole("button", { name: "Show more" }).click()
  await expect(page.getByRole("row", { name: `many-${stamp}-0 ` })).toBeVisible()
  for (const id of made) await api.call("DELETE", `/api-tokens/${id}`, z.unknown(), undefined, [200, 204])
})
