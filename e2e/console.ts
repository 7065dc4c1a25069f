import { expect, test as base, type BrowserContext, type Locator, type Page } from "@playwright/test"
import { admin } from "./global-setup.ts"
import { apiAt, type Api } from "./world.ts"

interface Fixtures {
  /** What the browser complained about on any page of a journey: broken policies, errors of scripts. Must stay empty. */
  readonly complaints: string[]
  /** For state that a journey needs but does not tell about. */
  readonly api: Api
}

/** A refused answer (a wrong password, say) is written to the console by the browser itself; that is no complaint. */
const isComplaint = (text: string) => !text.startsWith("Failed to load resource")

const listening = new WeakMap<BrowserContext, string[]>()

function listen(context: BrowserContext, found: string[]): void {
  context.on("console", (line) => {
    if (line.type() === "error" && isComplaint(line.text())) found.push(line.text())
  })
  context.on("weberror", (one) => found.push(String(one.error())))
}

/** Another window of the same person in the same journey: what the browser complains about there counts too. */
export async function secondWindow(page: Page): Promise<Page> {
  const own = page.context()
  const browser = own.browser()
  const found = listening.get(own)
  if (!browser || !found) throw new Error("not the page of a journey")
  const context = await browser.newContext({
    baseURL: new URL(page.url()).origin,
    storageState: await own.storageState(),
    viewport: page.viewportSize(),
  })
  listen(context, found)
  return await context.newPage()
}

export { expect }

export const test = base.extend<Fixtures>({
  complaints: [
    async ({ context }, use) => {
      const found: string[] = []
      listen(context, found)
      listening.set(context, found)
      await use(found)
      expect(found, "what the browser complained about").toEqual([])
    },
    { auto: true },
  ],
  api: async ({}, use) => use(apiAt(process.env["GRANTRY_E2E_URL"] ?? "", process.env["GRANTRY_E2E_TOKEN"] ?? "")),
})

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

/** Picks in a field that is searched by typing: types, then takes the option. */
export async function pick(within: Locator, label: string, option: string): Promise<void> {
  await within
    .getByRole("combobox", { name: label, exact: true })
    .or(within.getByRole("textbox", { name: label, exact: true }))
    .first()
    .fill(option)
  await within.page().getByRole("option", { name: option, exact: true }).click()
}
