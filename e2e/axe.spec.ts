import type { Locator, Page } from "@playwright/test"
import { z } from "zod"
import { expect, secondWindow, signIn, test } from "./console.ts"
import { look } from "./look.ts"
import { makeScene, placesOf, settle, type Scene } from "./scene.ts"
import { until } from "./world.ts"

async function visit(page: Page, path: string): Promise<void> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" })
  await page.goto(path)
  await settle(page)
}

/** In two windows at a time, for a look keeps one core busy. Two pages of one window would not do: the one behind is not drawn. */
async function sideBySide<T>(page: Page, all: readonly T[], run: (page: Page, one: T) => Promise<void>): Promise<void> {
  const left = all.values()
  const lane = async (at: Page) => {
    for (const one of left) await run(at, one)
  }
  const second = await secondWindow(page)
  await Promise.all([lane(page), lane(second)])
  await second.context().close()
}

test("no serious violation at the door", async ({ page }) => {
  for (const path of ["/login", "/password", "/password#token=x", "/login?done=password"]) {
    await visit(page, path)
    await look(page, path)
  }
})

test("no serious violation on any page", async ({ page, api }) => {
  test.setTimeout(600_000)
  const scene = await makeScene(api, `axe-${Date.now()}`)
  await signIn(page)
  await sideBySide(page, placesOf(scene), async (at, path) => {
    await visit(at, path)
    await look(at, path)
  })
})

/** Where each dialog is, and what opens it, in order. */
const dialogs = (s: Scene): readonly (readonly [path: string, ...open: ((page: Page) => Locator)[]])[] => {
  const button = (name: string | RegExp) => (page: Page) => page.getByRole("button", { name }).first()
  const row = (label: string, text: string) => (page: Page) =>
    page.getByRole("table", { name: label }).getByRole("row").filter({ hasText: text }).locator("td").first()
  const client = `/clients/${s.clientId}`
  const audience = `/audiences/${s.audienceId}`
  const rotation = `/rotations/${s.rotationId}`
  return [
    [client, button("Edit")],
    [client, button("Disable at once")],
    [client, button("Delete")],
    [`${client}?tab=grants`, button("New grant")],
    [`${client}?tab=grants`, button(/^Change the grant of/)],
    [`${client}?tab=grants`, button(/^Revoke the grant of/)],
    [`${client}?tab=secrets`, button("Reveal once")],
    [audience, button("Edit")],
    [audience, button("Delete")],
    [`/providers/${s.providerId}?tab=managed`, button(/^Unmanage/)],
    [`/providers/${s.providerId}?tab=settings`, button("Disconnect")],
    ["/plans", button("New plan")],
    ["/rotations", button("Start rotation")],
    [rotation, button("Abort, keep old")],
    [rotation, button("Emergency revoke")],
    [rotation, button("Reveal new secret")],
    [rotation, button("Confirm delivery")],
    ["/activity", row("Admin audit entries", s.client)],
    ["/settings?tab=users", button("New user")],
    ["/settings?tab=tokens", button("New token")],
    ["/settings?tab=tokens", button("Revoke")],
    ["/settings?tab=sources", button("New source")],
    [`/settings?tab=sources&source=${s.sourceId}`],
    [`/settings?tab=sources&source=${s.sourceId}`, button("Edit")],
    [`/settings?tab=sources&source=${s.sourceId}`, button("Remove")],
    ["/debugger", button("Your account"), (page) => page.getByRole("menuitem", { name: "Change password" })],
    ["/debugger", button("Your account"), (page) => page.getByRole("menuitem", { name: "Keys", exact: true })],
    ["/debugger", button("Search or go to")],
  ]
}

async function lookInside(page: Page, path: string, open: readonly ((page: Page) => Locator)[]): Promise<void> {
  await visit(page, path)
  const dialog = page.getByRole("dialog").last()
  // A button that is drawn may not be alive yet. Once the dialog is there its own button has the same name, and means it.
  await expect(async () => {
    if (await dialog.isHidden()) for (const what of open) await what(page).click({ timeout: 3_000 })
    await expect(dialog).toBeVisible({ timeout: 3_000 })
  }).toPass({ timeout: 60_000 })
  await expect(dialog).toHaveAccessibleName(/\S/)
  await look(page, `${path} ${open.length > 0 ? await dialog.innerText() : ""}`.slice(0, 120))
}

test("no serious violation in any dialog, and each has a name", async ({ page, api }) => {
  test.setTimeout(600_000)
  const scene = await makeScene(api, `axe-dialogs-${Date.now()}`)
  await signIn(page)
  await sideBySide(page, dialogs(scene), (at, [path, ...open]) => lookInside(at, path, open))
  const rotation = `/rotations/${scene.rotationId}`
  await api.call("POST", `${rotation}/confirm`, z.unknown(), {}, [200, 202])
  await until(
    async () => (await api.call("GET", rotation, z.object({ state: z.string() }))).state === "grace",
    60_000,
    "the overlap has begun",
  )
  for (const name of ["Extend overlap", "Retire old secret"])
    await lookInside(page, rotation, [(p) => p.getByRole("button", { name })])
})
