import { expect, test as base, type APIRequestContext, type Page } from "@playwright/test"
import type { z } from "zod"
import { admin } from "./global-setup.ts"

/** Answers of the API, called with the bootstrap token: for state that a journey needs but does not tell about. */
export interface Api {
  /** Sends JSON, expects one of `statuses` (default 200 and 201) and reads the answer by its shape. */
  call<T>(method: string, path: string, shape: z.ZodType<T>, body?: unknown, statuses?: readonly number[]): Promise<T>
}

interface Fixtures {
  /** What the browser complained about: broken policies, errors of scripts. Must stay empty in every journey. */
  readonly complaints: string[]
  readonly api: Api
}

/** A refused answer (a wrong password, say) is written to the console by the browser itself; that is no complaint. */
const isComplaint = (text: string) => !text.startsWith("Failed to load resource")

export const test = base.extend<Fixtures>({
  complaints: [
    async ({ page }, use) => {
      const found: string[] = []
      page.on("console", (line) => {
        if (line.type() === "error" && isComplaint(line.text())) found.push(line.text())
      })
      page.on("pageerror", (error) => found.push(String(error)))
      await use(found)
      expect(found, "what the browser complained about").toEqual([])
    },
    { auto: true },
  ],
  api: async ({ playwright }, use) => {
    const context = await playwright.request.newContext({
      baseURL: process.env["GRANTRY_E2E_URL"] ?? "",
      extraHTTPHeaders: { authorization: `Bearer ${process.env["GRANTRY_E2E_TOKEN"] ?? ""}` },
    })
    await use(apiOf(context))
    await context.dispose()
  },
})

function apiOf(context: APIRequestContext): Api {
  return {
    async call(method, path, shape, body, statuses = [200, 201]) {
      const answer = await context.fetch(`/api/v1${path}`, { method, ...(body === undefined ? {} : { data: body }) })
      const text = await answer.text()
      expect(statuses, `${method} ${path}: ${text.slice(0, 500)}`).toContain(answer.status())
      return shape.parse(text === "" ? null : JSON.parse(text))
    },
  }
}

/** Signs in as the first admin by the form. */
export async function signIn(page: Page, as: { email: string; password: string } = admin): Promise<void> {
  await page.goto("/login")
  await page.getByLabel("Email").fill(as.email)
  await page.getByLabel("Password", { exact: true }).fill(as.password)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible()
}

/** Goes to a page by the main navigation and waits for its heading. */
export async function go(page: Page, place: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: place, exact: true }).click()
  await expect(page.getByRole("heading", { level: 1, name: place })).toBeVisible()
}
