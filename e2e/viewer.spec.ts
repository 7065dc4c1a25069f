import { z } from "zod"
import { expect, signIn, test } from "./console.ts"
import { makeScene, placesOf, settle } from "./scene.ts"

/** Words with which a button begins that changes something. */
const changing =
  /^(New|Edit|Change the|Delete|Disable|Enable|Revoke|Start|Make|Remove(?! filter)|Apply|Approve|Discard|Connect|Disconnect|Read now|Test connection|Look what|Plan$|Re-plan|Adopt|Revert|Ignore|Onboard|Register|Give|Abort|Extend|Retire|Unmanage|Protect|Emergency|Resume|Confirm|Reveal|Save|Fetch|Load)\b/

test("a viewer sees every page and no button that would be refused", async ({ page, api }) => {
  test.setTimeout(600_000)
  const scene = await makeScene(api, `viewer-${Date.now()}`)
  const user = { email: `viewer-${Date.now()}@example.com`, password: "a long enough password" }
  await api.call("POST", "/users", z.object({ id: z.string() }), { ...user, name: "Viewer", role: "viewer" })
  const refused: string[] = []
  page.on("response", (answer) => {
    if (answer.status() === 403 && answer.url().includes("/api/")) refused.push(`${page.url()}: ${answer.url()}`)
  })
  await signIn(page, user)
  for (const path of placesOf(scene)) {
    await page.goto(path)
    await settle(page)
    const words = await page.locator("main :is(button, a[role=button], a.mantine-Button-root):visible").allInnerTexts()
    const labels = await page
      .locator("main :is(button, a)[aria-label]:visible")
      .evaluateAll((all) => all.map((e) => e.getAttribute("aria-label") ?? ""))
    expect
      .soft(
        [...words, ...labels].filter((text) => changing.test(text.trim())),
        path,
      )
      .toEqual([])
  }
  expect(refused, "what pages asked for and were refused").toEqual([])
})

test("a page that a viewer may not use says which permission is missing", async ({ page, api }) => {
  const user = { email: `denied-${Date.now()}@example.com`, password: "a long enough password" }
  await api.call("POST", "/users", z.object({ id: z.string() }), { ...user, name: "Viewer", role: "viewer" })
  await signIn(page, user)
  for (const path of ["/clients/new", "/audiences/new"]) {
    await page.goto(path)
    await expect(page.getByText("registry:write")).toBeVisible()
  }
})
