import { startStack, type Stack } from "../scripts/stack.ts"
import { expect, go, signIn, test as base } from "./console.ts"

/** A stack of its own: the others have an admin from the start. */
const test = base.extend<object, { fresh: Stack }>({
  fresh: [
    async ({}, use) => {
      const stack = await startStack()
      await use(stack)
      await stack.stop()
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ fresh }, use) => use(fresh.url),
})

const first = { name: "Ada First", email: "ada@example.com", password: "a long enough pass phrase" }

test("the printed one-time link makes the first administrator; then sign out, a wrong password, and in again", async ({
  fresh,
  page,
}) => {
  const link = /https?:\/\/\S+\/setup#token=\S+/.exec(fresh.output())?.[0] ?? ""
  expect(link, "npm start prints the link").toContain(fresh.url)

  const sent: string[] = []
  page.on("request", (request) => sent.push(`${request.url()} ${request.headers().referer ?? ""}`))

  await page.goto("/login")
  await expect(page.getByText("Not set up yet")).toBeVisible()
  await page.goto("/setup")
  await expect(page.getByRole("alert").filter({ hasText: "The link is incomplete" })).toContainText("npm start")

  await page.goto("/setup#token=not-the-token-of-this-start")
  await page.getByLabel("Your name").fill(first.name)
  await page.getByLabel("Email").fill(first.email)
  await page.getByRole("textbox", { name: "Password" }).fill(first.password)
  await page.getByRole("button", { name: "Make administrator" }).click()
  await expect(page.getByRole("alert").filter({ hasText: /\w/ }).first()).toBeVisible()
  await expect(page).toHaveURL(/\/setup/)

  await page.goto(link)
  await expect(page, "the token leaves the address").toHaveURL(/\/setup$/)
  const token = link.split("token=")[1] ?? ""
  await page.getByLabel("Your name").fill(first.name)
  await page.getByLabel("Email").fill(first.email)
  await page.getByRole("textbox", { name: "Password" }).fill("short")
  await page.getByRole("button", { name: "Make administrator" }).click()
  await expect(page.getByRole("textbox", { name: "Password" })).toHaveAccessibleDescription(/at least 12/i)
  await expect(page).toHaveURL(/\/setup/)
  await page.getByRole("textbox", { name: "Password" }).fill(first.password)
  await page.getByRole("button", { name: "Make administrator" }).click()
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible()
  expect(
    sent.filter((line) => line.includes(token) && !line.startsWith(link)),
    "no address and no Referer held it",
  ).toEqual([])

  await page.getByRole("button", { name: "Your account" }).click()
  await expect(page.getByRole("menu", { name: "Your account" })).toContainText(first.email)
  await page.getByRole("menuitem", { name: "Sign out", exact: true }).click()
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible()
  expect((await page.request.get("/clients", { maxRedirects: 0 })).status()).toBe(307)
  await page.goBack()
  await expect(page.getByRole("navigation", { name: "Main" })).toBeHidden()

  await page.goto(link)
  await expect(page, "the link works once").toHaveURL(/\/login/)

  await page.goto("/login?next=%2Fclients")
  await page.getByLabel("Email").fill(first.email)
  await page.getByLabel("Password", { exact: true }).fill("a wrong pass phrase")
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await expect(page.getByRole("alert").getByText("Email and password do not fit")).toBeVisible()
  await page.getByLabel("Password", { exact: true }).fill(first.password)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await expect(page).toHaveURL(/\/clients$/)
})

test("an empty console says what to do first", async ({ page }) => {
  await signIn(page, first)
  await expect(page.getByText("See it alive")).toBeVisible()
  await page.getByRole("link", { name: "New audience" }).click()
  await expect(page.getByRole("heading", { level: 1, name: "New audience" })).toBeVisible()
})

test("one switch brings the demo to life with real events, and one takes it away with all that it told", async ({
  page,
}) => {
  await signIn(page, first)
  await page.getByRole("button", { name: "Start the demo fleet" }).click()
  // A newcomer sees a living console in under a minute.
  await expect(page.getByText("demo running")).toBeVisible({ timeout: 60_000 })

  const told = async (query: string) => {
    const answer = await page.request.get(`/api/v1/events?${query}`)
    expect(answer.status()).toBe(200)
    const { items } = (await answer.json()) as { items: { event: string; failure_reason?: string }[] }
    return items
  }
  const alive = { timeout: 60_000 }
  await expect
    .poll(async () => (await told("event=token_issued&client_id=demo-order-service")).length, alive)
    .not.toBe(0)
  await expect
    .poll(async () => (await told("event=token_validated&client_id=demo-order-service")).length, alive)
    .not.toBe(0)
  const wrong = "event=token_validated&result=failure"
  await expect.poll(async () => (await told(wrong)).filter((one) => one.failure_reason).length, alive).not.toBe(0)
  await go(page, "Audit")
  const rows = page.getByRole("table", { name: "Token events" }).getByRole("row")
  await expect(rows.filter({ hasText: "demo-order-service" }).first()).toBeVisible()
  await go(page, "Clients")
  await expect(page.getByRole("link", { name: "demo-order-service" })).toBeVisible()

  await go(page, "Overview")
  await page.getByRole("button", { name: "Remove demo" }).click()
  await page.getByRole("dialog").getByRole("button", { name: "Remove demo" }).click()
  await expect(page.getByText("See it alive")).toBeVisible(alive)
  expect(await told("client_id=demo-order-service")).toEqual([])
  await go(page, "Clients")
  await expect(page.getByText("demo-order-service")).toBeHidden()
})
