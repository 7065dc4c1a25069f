import { expect, test as base } from "@playwright/test"
import { startStack, type Stack } from "../scripts/stack.ts"
import { signIn } from "./console.ts"

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
})

const first = { name: "Ada First", email: "ada@example.com", password: "a long enough pass phrase" }

test("the printed one-time link makes the first administrator; then sign out, a wrong password, and in again", async ({
  fresh,
  browser,
}) => {
  const context = await browser.newContext({ baseURL: fresh.url })
  const page = await context.newPage()
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
  await context.close()
})

test("an empty console says what to do first", async ({ fresh, browser }) => {
  const context = await browser.newContext({ baseURL: fresh.url })
  const page = await context.newPage()
  await signIn(page, first)
  await expect(page.getByText("See it alive")).toBeVisible()
  await page.getByRole("link", { name: "New audience" }).click()
  await expect(page.getByRole("heading", { level: 1, name: "New audience" })).toBeVisible()
  await context.close()
})
