import type { Page } from "@playwright/test"
import { z } from "zod"
import { expect, go, pick, signIn, test } from "./console.ts"
import { eventSource, fetchToken, liveSecrets, sendEvents, until, type TokenAnswer } from "./world.ts"

const suffix = String(Date.now())
const client = `order-service-${suffix}`
const audience = `https://payment-service-${suffix}.internal`

/** Reveals by the open dialog, stores, closes. Resolves to the value that was shown. */
async function readSecret(page: Page): Promise<string> {
  const dialog = page.getByRole("dialog", { name: `Secret of ${client}` })
  await dialog.getByRole("button", { name: "Reveal once" }).click()
  const value = await dialog.getByRole("region", { name: "client secret" }).innerText()
  await expect(dialog.getByRole("button", { name: "Done" })).toBeDisabled()
  await page.keyboard.press("Escape")
  await expect(dialog).toBeVisible()
  await dialog.getByRole("checkbox", { name: "I stored it" }).check()
  await dialog.getByRole("button", { name: "Done" }).click()
  await expect(dialog).toBeHidden()
  await expect(page.locator("body")).not.toContainText(value)
  return value
}

test("from the first sign-in to the end of a rotation", async ({ page, api }) => {
  test.setTimeout(300_000)
  let endpoint = ""
  const ask = (secret: string, scope = "payments:write"): Promise<TokenAnswer> =>
    fetchToken({ endpoint, client, secret, audience, scope })
  const clientId = () => /\/clients\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? ""

  await test.step("sign in", () => signIn(page))

  await test.step("register an API with two scopes", async () => {
    await go(page, "Audiences")
    await page.getByRole("link", { name: "New audience" }).first().click()
    await page.getByRole("textbox", { name: "Identifier" }).fill(audience)
    await page.getByRole("textbox", { name: "Name", exact: true }).fill(`Payments ${suffix}`)
    await page.getByRole("textbox", { name: "Scope 1", exact: true }).fill("payments:write")
    await page.getByRole("textbox", { name: "Description of scope 1" }).fill("Charge")
    await page.getByRole("button", { name: "Add scope" }).click()
    await page.getByRole("textbox", { name: "Scope 2", exact: true }).fill("payments:read")
    await page.getByRole("button", { name: "Register audience" }).click()
    await expect(page.getByRole("heading", { level: 1, name: audience })).toBeVisible()
  })

  await test.step("register a service", async () => {
    await go(page, "Clients")
    await page.getByRole("link", { name: "New client" }).first().click()
    await page.getByRole("textbox", { name: "Name", exact: true }).fill(client)
    await page.getByLabel(/^Owner/).fill("team-orders")
    await expect(page.getByRole("group", { name: "Providers" }).getByRole("checkbox").first()).toBeChecked()
    await page.getByRole("button", { name: "Register client" }).click()
    await expect(page.getByRole("heading", { level: 1, name: client })).toBeVisible()
  })
  const id = clientId()
  const detail = `/clients/${id}`

  await test.step("grant one scope to the service", async () => {
    await page.getByRole("tab", { name: /^Grants/ }).click()
    await page.getByRole("button", { name: "New grant" }).click()
    const dialog = page.getByRole("dialog", { name: "New grant" })
    await pick(dialog, "Audience", audience)
    await pick(dialog, "Scopes", "payments:write")
    await page.keyboard.press("Tab")
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Orders are paid")
    await dialog.getByRole("button", { name: "Give grant" }).click()
    await expect(dialog).toBeHidden()
    await expect(page.getByRole("row").filter({ hasText: audience })).toContainText("payments:write")
  })

  await test.step("plan, review, apply, and see it progress without a reload", async () => {
    await go(page, "Plans")
    await page.getByRole("button", { name: "New plan" }).first().click()
    await page.getByRole("textbox", { name: "Purpose" }).fill(`Journey ${suffix}`)
    await page.getByRole("button", { name: "Make plan" }).click()
    await expect(page.getByRole("heading", { level: 1, name: `Journey ${suffix}` })).toBeVisible()
    const changes = page.getByRole("list", { name: new RegExp(`^Changes of ${client} on `) })
    await expect(changes.getByRole("listitem").first()).toBeVisible()
    await expect(changes).toContainText("payments:write")
    await expect(page.getByRole("list", { name: /^Changes of audiences on / })).toContainText(audience)
    await expect(page.locator("main")).not.toContainText('client_secret":')
    await page.getByRole("button", { name: "Apply", exact: true }).click()
    await expect(page.getByText(/^Applied: (\d+) of \1 done$/)).toBeVisible({ timeout: 60_000 })
  })

  await test.step("the next plan is empty", async () => {
    await page.getByRole("button", { name: "Re-plan" }).first().click()
    await expect(page.getByText("No changes", { exact: true })).toBeVisible()
  })

  const first = await test.step("reveal the first secret once", async () => {
    await page.goto(`${detail}?tab=secrets`)
    const row = page.getByRole("table", { name: "Secret versions" }).getByRole("row").filter({ hasText: "live" })
    await row.getByRole("button", { name: "Reveal once" }).click()
    endpoint = await page
      .evaluate(async () => {
        const answer: unknown = await (await fetch("/api/v1/providers")).json()
        return JSON.stringify(answer)
      })
      .then(
        (text) =>
          z.object({ items: z.array(z.object({ token_endpoint: z.string() })) }).parse(JSON.parse(text)).items[0]
            ?.token_endpoint ?? "",
      )
    const value = await readSecret(page)
    await expect(row).toContainText("revealed")
    await expect(row.getByRole("button", { name: "Reveal once" })).toHaveCount(0)
    await page.reload()
    await expect(row).toContainText("revealed")
    await expect(page.locator("body")).not.toContainText(value)
    const [secret] = await liveSecrets(api, id)
    await api.call("POST", `/clients/${id}/secrets/${secret?.id ?? ""}/reveal`, z.unknown(), undefined, [410])
    return value
  })

  const token = await test.step("a real token with it, with the granted scope and no other", async () => {
    const granted = await ask(first)
    expect(granted.status).toBe(200)
    expect(await ask(first, "payments:read")).toMatchObject({ status: 400, error: "invalid_scope" })
    expect(await ask("not-the-secret")).toMatchObject({ status: 401, error: "invalid_client" })
    return granted.accessToken
  })

  await test.step("the services report their calls, one of them failing", async () => {
    const source = await eventSource(api, `payment-service-${suffix}`)
    const line = {
      event: "token_validated",
      timestamp: new Date().toISOString(),
      client_id: client,
      audience,
      scopes: ["payments:write"],
      auth_server: "local",
      duration_ms: 4,
    }
    const lines = [
      {
        ...line,
        event_id: "1",
        trace_id: `t-${suffix}-1`,
        validation_result: "success",
        resource: "POST /api/payments/charge",
      },
      {
        ...line,
        event_id: "2",
        trace_id: `t-${suffix}-2`,
        validation_result: "failure",
        failure_reason: "insufficient_scope",
        resource: "GET /api/payments/history",
      },
    ]
    expect(await sendEvents(source.token, lines)).toEqual({ stored: 2, duplicates: 0 })
    expect(await sendEvents(source.token, lines)).toEqual({ stored: 0, duplicates: 2 })
  })

  await test.step("find the failing call and why it failed", async () => {
    await go(page, "Audit")
    const values = page.getByRole("navigation", { name: "Values" })
    await values.getByRole("button", { name: /insufficient_scope/ }).click()
    await page.getByPlaceholder("Text in any field").fill(`t-${suffix}-2`)
    const rows = page.getByRole("table", { name: "Token events" }).getByRole("row").filter({ hasText: client })
    await expect(rows).toHaveCount(1)
    await rows.first().press("Enter")
    const panel = page.getByRole("complementary", { name: "Token event" })
    await expect(panel).toContainText("GET /api/payments/history")
    await expect(panel).toContainText("lacks a scope that this call needs")
    await expect(page).toHaveURL(/row=/)
    await page.keyboard.press("Escape")
    await expect(panel).toBeHidden()
  })

  await test.step("verify the token in the debugger, and a tampered one", async () => {
    await go(page, "Debugger")
    const box = page.getByRole("textbox", { name: "Token", exact: true })
    await box.fill(token)
    await expect(page.getByRole("heading", { name: "Decoded, not verified" })).toBeVisible()
    await page.getByRole("button", { name: "Verify", exact: true }).click()
    await expect(page.getByRole("heading", { name: "Valid", exact: true })).toBeVisible()
    await expect(page.getByRole("region", { name: "What the registry knows" })).toContainText(client)
    const at = token.lastIndexOf(".") + 10
    await box.fill(`${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`)
    await page.getByRole("button", { name: "Verify", exact: true }).click()
    await expect(page.getByRole("heading", { name: "Rejected" })).toBeVisible()
    expect(page.url()).not.toContain(token.slice(0, 20))
  })

  const second = await test.step("rotate the secret: both work until the old one is retired", async () => {
    await page.goto(`${detail}?tab=secrets`)
    await page.getByRole("button", { name: "Start rotation" }).click()
    const dialog = page.getByRole("dialog", { name: `Rotate the secret of ${client}` })
    await dialog.getByRole("radio", { name: "Now" }).check()
    await dialog.getByRole("button", { name: "Start rotation" }).click()
    await expect(page.getByRole("heading", { level: 1, name: `Rotation of ${client}` })).toBeVisible()
    await page.getByRole("button", { name: "Reveal new secret" }).click({ timeout: 30_000 })
    const value = await readSecret(page)
    // While no service uses the new secret, the gate stays closed. Extended now, the overlap outlives the gate, so it is a
    // person who retires the old secret on the evidence, and never the worker a moment before.
    await page.getByRole("button", { name: "Extend overlap" }).click()
    const longer = page.getByRole("dialog", { name: "Extend overlap" })
    await longer.getByRole("button", { name: "Extend overlap" }).click()
    await expect(longer).toBeHidden()
    expect(value).not.toBe(first)
    expect((await ask(first)).status).toBe(200)
    expect((await ask(value)).status).toBe(200)
    return value
  })

  await test.step("the gate opens by evidence: the new secret is used, the old one is not", async () => {
    const gate = page.getByRole("region", { name: "Evidence gate" })
    await expect(gate).toContainText("Complete until")
    await until(
      async () => {
        await ask(second)
        return (await gate.textContent())?.includes("gate open") ?? false
      },
      60_000,
      "the gate is open",
    )
    await page.getByRole("button", { name: "Retire old secret" }).click()
    const dialog = page.getByRole("dialog", { name: `Retire the old secret of ${client}` })
    await dialog.getByRole("button", { name: "Retire old secret" }).click()
    await expect(page.getByText("The evidence stands in the journal below.")).toBeVisible({ timeout: 30_000 })
    expect(await ask(first)).toMatchObject({ status: 401, error: "invalid_client" })
    expect((await ask(second)).status).toBe(200)
  })

  await test.step("who did what stands in the activity, and the chain is whole", async () => {
    await go(page, "Activity")
    await expect(page.getByRole("row").filter({ hasText: client }).first()).toBeVisible()
    const verdict = await api.call("POST", "/trail/verify", z.object({ ok: z.boolean() }))
    expect(verdict.ok).toBe(true)
  })
})
