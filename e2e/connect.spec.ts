import { z } from "zod"
import { expect, go, signIn, test } from "./console.ts"
import { putAway } from "./servers.ts"

const nowhere = "http://127.0.0.1:9"

test("a provider's settings are tried before they are saved, and each refusal stands beside its field", async ({
  page,
  api,
}) => {
  test.setTimeout(180_000)
  const name = `sso-${Date.now()}`
  const field = (label: string) => page.getByRole("textbox", { name: label, exact: true })
  await signIn(page)
  await go(page, "Providers")
  await page.getByRole("link", { name: "Connect provider" }).click()
  await page.getByRole("link", { name: "Connect Keycloak", exact: true }).click()
  await expect(page.getByRole("heading", { level: 1, name: "Connect Keycloak" })).toBeVisible()
  await expect(page.getByRole("list", { name: "Privileges at Keycloak" })).toContainText("manage-clients")

  await field("Name").fill(name)
  await field("Base URL").fill("sso")
  await field("Realm").fill("m2m")
  await field("Client ID").fill("grantry-console")
  await field("Client secret").fill("not-the-secret")
  await expect(field("Client secret")).toHaveAttribute("type", "password")
  await page.getByRole("button", { name: "Test connection" }).click()
  await expect(field("Base URL")).toHaveAttribute("aria-invalid", "true")

  await field("Base URL").fill(nowhere)
  await page.getByRole("button", { name: "Test connection" }).click()
  const result = page.getByRole("region", { name: "Connection test" })
  await expect(result).toContainText("a check failed")
  await expect(result.getByRole("list", { name: "Checks" }).getByRole("listitem").first()).toContainText("login")
  await field("Realm").fill("another")
  await expect(result).toContainText("of other settings")

  const all = await api.call(
    "GET",
    "/providers?limit=200",
    z.object({ items: z.array(z.object({ name: z.string() })) }),
  )
  expect(all.items.map((p) => p.name)).not.toContain(name)
})

test("a host's export that was refused can be mended and given again from the same file", async ({ page, api }) => {
  const name = `host-${Date.now()}`
  const { id } = await api.call("POST", "/providers", z.object({ id: z.string() }), {
    kind: "openiddict",
    name,
    environment: "test",
    settings: { issuer: nowhere, client_id: "introspector", client_secret: "not-a-secret" },
  })
  try {
    await signIn(page)
    await page.goto(`/providers/${id}`)
    await expect(page.getByText(`OpenIddict · test`)).toBeVisible()
    const file = page.locator('input[type="file"]')
    await expect(page.getByRole("button", { name: "Give back an export" })).toBeEnabled()
    const give = (text: string) =>
      file.setInputFiles({ name: "export.json", mimeType: "application/json", buffer: Buffer.from(text) })
    await expect(async () => {
      await give("{")
      await expect(page.getByText("export.json is not JSON")).toBeVisible({ timeout: 2_000 })
    }).toPass()
    // A browser tells a page of a file only if it is another one than the field holds.
    await expect(file).toHaveValue("")
    await give("{}")
    await expect(page.getByText("export.json is not JSON")).toBeHidden()
    await expect(page.getByText("The file was not taken in")).toBeVisible()
  } finally {
    await putAway(api, id, { stop: async () => undefined })
  }
})
