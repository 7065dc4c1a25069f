import type { Page } from "@playwright/test"
import { z } from "zod"
import { expect, signIn, test } from "./console.ts"
import { ageSessions } from "./database.ts"
import { admin } from "./global-setup.ts"
import { look } from "./look.ts"
import { localProvider, makeWorld, until } from "./world.ts"

const askedDialog = (page: Page) => page.getByRole("dialog", { name: "Confirm that it is you" })

/** Gives the password to the dialog that asks for it. */
async function prove(page: Page, password = admin.password): Promise<void> {
  await askedDialog(page).getByLabel("Your password").fill(password)
  await page.keyboard.press("Enter")
}

/** Statuses of the answers to POSTs whose path ends like this, as they come. */
function answersTo(page: Page, end: RegExp): number[] {
  const statuses: number[] = []
  page.on("response", (answer) => {
    if (answer.request().method() === "POST" && end.test(new URL(answer.url()).pathname)) statuses.push(answer.status())
  })
  return statuses
}

test("five minutes after the sign-in a reveal asks for the password: a wrong one is told, Esc gives up the proof alone, the right one reveals once", async ({
  page,
  api,
}) => {
  test.setTimeout(180_000)
  const { clientId } = await makeWorld(api, `proof-${Date.now()}`)
  const answers = answersTo(page, /\/reveal$/)
  await signIn(page)
  await page.goto(`/clients/${clientId}?tab=secrets`)
  await ageSessions()
  await page.getByRole("button", { name: "Reveal once" }).click()
  const reveal = page.getByRole("dialog", { name: /^Secret of/ })
  await reveal.getByRole("button", { name: "Reveal once" }).click()
  await expect(askedDialog(page).getByLabel("Your password")).toBeFocused()
  await look(page, "step-up")

  await prove(page, "not the password")
  await expect(askedDialog(page)).toContainText("The password is not right.")
  await page.keyboard.press("Escape")
  await expect(askedDialog(page)).toBeHidden()
  await expect(reveal).toContainText("it was not confirmed")
  expect(await reveal.evaluate((it) => it.contains(document.activeElement))).toBe(true)

  await reveal.getByRole("button", { name: "Reveal once" }).click()
  await prove(page)
  await expect(reveal.getByText("Shown once")).toBeVisible()
  await expect(askedDialog(page)).toBeHidden()
  expect(answers).toEqual([403, 403, 200])
})

test("a rotation's start and its end ask too; what was typed stays through a cancelled proof, and each deed is done once", async ({
  page,
  api,
}) => {
  test.setTimeout(180_000)
  const { clientId, client } = await makeWorld(api, `proof-r-${Date.now()}`)
  const started = answersTo(page, /\/clients\/[^/]+\/rotations$/)
  const retired = answersTo(page, /\/retire$/)
  await signIn(page)
  await page.goto(`/clients/${clientId}?tab=secrets`)
  await ageSessions()
  await page.getByRole("button", { name: "Start rotation" }).click()
  await page.getByRole("dialog").getByRole("button", { name: "Start rotation" }).click()
  await prove(page)
  await expect(page).toHaveURL(/\/rotations\//)
  expect(started).toEqual([403, 201])
  const { items } = await api.call("GET", `/rotations?client=${client}`, z.object({ items: z.array(z.unknown()) }))
  expect(items).toHaveLength(1)

  await page.getByRole("button", { name: "Confirm delivery" }).click()
  await page.getByRole("dialog").getByRole("button", { name: "Confirm delivery" }).click()
  await page.getByRole("button", { name: "Retire old secret" }).click()
  await ageSessions()
  const closed = page.getByRole("dialog", { name: "The gate is closed" })
  await closed.getByRole("textbox", { name: "Reason" }).fill("Every instance was restarted")
  await closed.getByRole("button", { name: "Override and retire" }).click()
  await askedDialog(page).getByRole("button", { name: "Cancel" }).click()
  await expect(closed.getByRole("textbox", { name: "Reason" })).toHaveValue("Every instance was restarted")
  await closed.getByRole("button", { name: "Override and retire" }).click()
  await prove(page)
  await expect(page.getByText("The evidence stands in the journal below.")).toBeVisible({ timeout: 60_000 })
  expect(retired).toEqual([403, 403, 200])
})

test("an apply that deletes asks for the typed name, then for the password, and begins once", async ({ page, api }) => {
  test.setTimeout(180_000)
  const { clientId, client } = await makeWorld(api, `proof-d-${Date.now()}`)
  const provider = await localProvider(api)
  const grants = z.object({ items: z.array(z.object({ id: z.string() })) })
  for (const grant of (await api.call("GET", `/grants?client=${client}`, grants)).items)
    await api.call("DELETE", `/grants/${grant.id}`, z.unknown(), undefined, [200, 204])
  await api.call("DELETE", `/clients/${clientId}`, z.unknown(), undefined, [200, 204])
  const { id } = await api.call("POST", "/plans", z.object({ id: z.string() }), { provider_ids: [provider.id] })
  const applied = answersTo(page, /\/apply$/)
  await signIn(page)
  await page.goto(`/plans/${id}`)
  await ageSessions()
  await page.getByRole("button", { name: "Apply", exact: true }).click()
  const dialog = page.getByRole("dialog", { name: `Apply to ${provider.name}` })
  await expect(dialog.getByRole("list", { name: "Deleted objects" })).toContainText(`client ${client}`)
  const verb = dialog.getByRole("button", { name: "Apply", exact: true })
  await expect(verb).toBeDisabled()
  await dialog.getByRole("textbox", { name: /^Type/ }).fill(provider.name)
  await verb.click()
  await prove(page)
  await expect(page.getByText(/^Applied: (\d+) of \1 done$/)).toBeVisible({ timeout: 60_000 })
  expect(applied).toEqual([403, 202])
  await until(
    async () => (await api.call("GET", `/plans/${id}`, z.object({ status: z.string() }))).status === "applied",
    30_000,
    "the plan is applied",
  )
})
