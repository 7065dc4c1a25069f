import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { z } from "zod"
import { expect, signIn, test } from "./console.ts"
import { eventSource, makeWorld, sendEvents } from "./world.ts"

/** Waits until a page has settled: its heading stands, no skeleton is left, no transition runs. */
async function settle(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible()
  await expect(page.locator(".mantine-Skeleton-root")).toHaveCount(0)
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((a) => a.effect?.getTiming().iterations !== Infinity)
        .map((a) => a.finished.catch(() => null)),
    ),
  )
}

const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

/** Every rule in the light theme; in the dark one, which differs in its colours only, those about colours. */
async function look(page: Page, path: string): Promise<void> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" })
  await page.goto(path)
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" })
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", theme)
    await settle(page)
    const axe = new AxeBuilder({ page })
    const { violations } = await (
      theme === "light" ? axe.withTags(wcag) : axe.withRules(["color-contrast", "link-in-text-block"])
    ).analyze()
    const bad = violations.filter((v) => v.impact === "serious" || v.impact === "critical")
    expect
      .soft(
        bad.flatMap((v) =>
          v.nodes.map((n) => `${path} ${theme}: ${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`),
        ),
      )
      .toEqual([])
  }
}

test("no serious violation at the door", async ({ page }) => {
  for (const path of ["/login", "/password#token=x", "/login?done=password"]) await look(page, path)
})

test("no serious violation on any page", async ({ page, api }) => {
  test.setTimeout(600_000)
  const w = await makeWorld(api, `axe-${Date.now()}`)
  const source = await eventSource(api, `axe-${Date.now()}`)
  const timestamp = new Date().toISOString()
  await sendEvents(source.token, [
    {
      event: "token_validated",
      event_id: "1",
      timestamp,
      client_id: w.client,
      audience: w.audience,
      scopes: ["payments:write"],
      validation_result: "success",
      duration_ms: 3,
      trace_id: "t-1",
    },
    {
      event: "token_validated",
      event_id: "2",
      timestamp,
      client_id: w.client,
      audience: w.audience,
      scopes: ["payments:write"],
      validation_result: "failure",
      failure_reason: "insufficient_scope",
      duration_ms: 4,
      trace_id: "t-1",
      resource: "GET /api/payments/history",
    },
  ])
  const rotation = await api.call("POST", `/clients/${w.clientId}/rotations`, z.object({ id: z.string() }), {
    provider_id: w.providerId,
  })
  const events = await api.call(
    "GET",
    `/events?client_id=${w.client}&result=failure`,
    z.object({ items: z.array(z.object({ id: z.string() })) }),
  )

  await signIn(page)
  const tabs = (path: string, names: readonly string[]) => names.map((name) => `${path}?tab=${name}`)
  for (const path of [
    "/",
    "/clients",
    "/clients/new",
    ...tabs(`/clients/${w.clientId}`, [
      "summary",
      "grants",
      "secrets",
      "activity",
      "providers",
      "integrate",
      "history",
    ]),
    "/audiences",
    "/audiences/new",
    `/audiences/${w.audienceId}`,
    "/grants",
    "/providers",
    ...tabs(`/providers/${w.providerId}`, ["overview", "capabilities", "drift", "import", "settings"]),
    "/plans",
    "/plans?new=true",
    `/plans/${w.planId}`,
    "/rotations",
    `/rotations/${rotation.id}`,
    "/audit",
    `/audit?client_id=${w.client}&row=${events.items[0]?.id ?? ""}`,
    "/audit?client_id=nobody-of-this-name",
    "/insights",
    "/debugger",
    "/activity",
    ...tabs("/settings", ["users", "tokens", "sources", "retention", "keys"]),
    "/clients/019a0000-0000-7000-8000-000000000000",
    "/no-such-page",
  ])
    await look(page, path)
})
