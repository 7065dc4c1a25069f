import { randomBytes } from "node:crypto"
import { chromium, type Browser, type BrowserContextOptions } from "@playwright/test"
import { browserFlags, findBrowser } from "../scripts/setup/browser.ts"
import { startStack, type Stack } from "../scripts/stack.ts"
import { apiAt, type Api } from "../e2e/world.ts"

export interface Console {
  readonly stack: Stack
  readonly api: Api
  readonly browser: Browser
  /** For a context that is signed in. */
  readonly options: BrowserContextOptions
  stop(): Promise<void>
}

/** The production build on a data folder of its own, and a Chromium signed in as its admin. Says so when there is no Chromium. */
export async function openConsole(): Promise<Console> {
  const executablePath = findBrowser()
  if (!executablePath) throw new Error("There is no Chromium here: npx playwright install chromium")
  const token = `gty_${randomBytes(32).toString("base64url")}`
  const admin = { email: "admin@example.com", password: randomBytes(12).toString("hex") }
  const stack = await startStack({
    env: { GRANTRY_BOOTSTRAP_TOKEN: token, GRANTRY_ADMIN_EMAIL: admin.email, GRANTRY_ADMIN_PASSWORD: admin.password },
  })
  const browser = await chromium.launch({ executablePath, args: [...browserFlags] })
  const context = await browser.newContext({ baseURL: stack.url })
  const page = await context.newPage()
  await page.goto("/login")
  await page.getByLabel("Email").fill(admin.email)
  await page.getByLabel("Password", { exact: true }).fill(admin.password)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await page.getByRole("navigation", { name: "Main" }).waitFor()
  const storageState = await context.storageState()
  await context.close()
  return {
    stack,
    api: apiAt(stack.url, token),
    browser,
    options: { baseURL: stack.url, viewport: { width: 1440, height: 900 }, storageState },
    async stop() {
      await browser.close()
      await stack.stop()
    },
  }
}
