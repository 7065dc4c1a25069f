import type { Page } from "@playwright/test"
import { z } from "zod"
import { expect } from "./console.ts"
import { eventSource, makeWorld, sendEvents, type Api, type World } from "./world.ts"

/** A world with something on every page: calls, one of them failed, and a rotation that has begun. */
export interface Scene extends World {
  readonly sourceId: string
  readonly rotationId: string
  /** The failed call. */
  readonly eventId: string
}

export async function makeScene(api: Api, suffix: string): Promise<Scene> {
  const world = await makeWorld(api, suffix)
  const source = await eventSource(api, suffix)
  const call = {
    event: "token_validated",
    timestamp: new Date().toISOString(),
    client_id: world.client,
    audience: world.audience,
    scopes: ["payments:write"],
    trace_id: "t-1",
  }
  await sendEvents(source.token, [
    { ...call, event_id: "1", validation_result: "success", duration_ms: 3 },
    {
      ...call,
      event_id: "2",
      validation_result: "failure",
      failure_reason: "insufficient_scope",
      duration_ms: 4,
      resource: "GET /api/payments/history",
    },
  ])
  const withId = z.object({ id: z.string() })
  const rotation = await api.call("POST", `/clients/${world.clientId}/rotations`, withId, {
    provider_id: world.providerId,
  })
  const failed = await api.call(
    "GET",
    `/events?client_id=${world.client}&result=failure`,
    z.object({ items: z.tuple([withId]) }),
  )
  return { ...world, sourceId: source.id, rotationId: rotation.id, eventId: failed.items[0].id }
}

const tabs = (path: string, names: readonly string[]) => names.map((name) => `${path}?tab=${name}`)

/** Every page of the console and every tab, with and without something to show. */
export const placesOf = (s: Scene): readonly string[] => [
  "/",
  "/clients",
  "/clients?q=nobody-of-this-name",
  "/clients/new",
  ...tabs(`/clients/${s.clientId}`, ["summary", "grants", "secrets", "activity", "providers", "integrate", "history"]),
  "/audiences",
  "/audiences/new",
  ...tabs(`/audiences/${s.audienceId}`, ["summary", "history"]),
  "/grants",
  "/grants?view=matrix",
  "/grants?view=graph",
  `/grants?view=matrix&pair_client=${s.client}&pair_audience=${encodeURIComponent(s.audience)}`,
  "/providers",
  ...tabs(`/providers/${s.providerId}`, ["overview", "capabilities", "managed", "drift", "import", "settings"]),
  "/providers/new",
  "/providers/new?kind=okta",
  "/providers/new?kind=keycloak",
  "/providers/new?kind=keycloak&way=setup",
  "/plans",
  `/plans/${s.planId}`,
  "/rotations",
  `/rotations/${s.rotationId}`,
  "/audit",
  `/audit?client_id=${s.client}&row=${s.eventId}`,
  "/audit?client_id=nobody-of-this-name",
  "/insights",
  "/debugger",
  "/activity",
  ...tabs("/settings", ["users", "tokens", "sources", "retention", "keys"]),
  "/clients/019a0000-0000-7000-8000-000000000000",
  "/no-such-page",
]

/** Waits until a page has settled: its heading stands, no skeleton is left, no transition runs. */
export async function settle(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeAttached()
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
