/** What the OpenAPI document says of an answer, and what is answered. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { z } from "zod"
import { db } from "../../lib/db/client.ts"
import { newId } from "../../lib/base/id.ts"
import { providerRow } from "../../lib/registry/registry.fixture.ts"
import type { RouteSpec } from "../../lib/web/route.ts"
import { ask, granted, rootToken, startEdge } from "./edge.fixture.ts"
import { GET as describeAll } from "./v1/openapi.json/route.ts"
import * as access from "./v1/access/route.ts"
import * as audience from "./v1/audiences/[id]/route.ts"
import * as client from "./v1/clients/[id]/route.ts"
import * as grant from "./v1/grants/[id]/route.ts"
import * as placement from "./v1/placements/[id]/route.ts"
import * as placements from "./v1/placements/route.ts"
import * as provider from "./v1/providers/[id]/route.ts"
import * as remains from "./v1/providers/[id]/remains/route.ts"
import * as search from "./v1/saved-searches/[id]/route.ts"
import * as searches from "./v1/saved-searches/route.ts"

let edge: Awaited<ReturnType<typeof startEdge>>
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.stop())

const answerOf = z.object({
  description: z.string(),
  content: z.record(z.string(), z.unknown()).optional(),
})
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ responses: z.record(z.string(), answerOf) }))),
})
const described = async () => document.parse(await describeAll().json()).paths

test("every DELETE is described with an empty answer, and every route that came lately with a body", async () => {
  const paths = await described()
  const deletes = Object.entries(paths).filter(([, methods]) => methods.delete)
  expect(deletes.length).toBeGreaterThan(8)
  for (const [path, methods] of deletes) {
    expect([path, methods.delete?.responses["204"]?.description]).toEqual([path, "Done; nothing is answered"])
    expect(methods.delete?.responses["204"]?.content).toBeUndefined()
  }
  for (const [path, method] of [
    ["/me/step-up", "post"],
    ["/providers/{id}/document", "put"],
  ] as const)
    expect(Object.keys(paths[`/api/v1${path}`]?.[method]?.responses ?? {})).toEqual(["204", "default"])
  for (const path of ["/access", "/placements", "/placements/{id}", "/saved-searches", "/providers/{id}/remains"])
    expect([path, paths[`/api/v1${path}`]?.get?.responses["200"]?.content]).toEqual([path, expect.anything()])
})

/** Asks, and holds status and body against what the route says of itself. */
async function asSaid(
  handler: Parameters<typeof ask>[0] & { readonly spec: RouteSpec },
  path: string,
  options: Parameters<typeof ask>[2] = {},
): Promise<Record<string, unknown>> {
  const answer = await ask(handler, path, { token: rootToken, ...options })
  expect([path, answer.status, answer.text === ""]).toEqual([
    path,
    handler.spec.status ?? 200,
    handler.spec.status === 204,
  ])
  if (handler.spec.status === 204) return {}
  expect([path, handler.spec.response]).toEqual([path, expect.anything()])
  expect(handler.spec.response?.safeParse(answer.body).error?.issues).toBeUndefined()
  return answer.body
}
const gone = { method: "DELETE" }
const at = (id: string) => ({ params: { id } })

test("what is answered is what is described, down to an empty body", async () => {
  const providerId = await providerRow("local")
  const made = await granted(providerId, "order-service", "https://pay.example", ["read"])
  const placed = newId()
  await db().placement.create({
    data: {
      id: placed,
      providerId,
      kind: "client",
      key: "order-service",
      remoteId: "order-service",
      origin: "created",
      applied: {},
      appliedAt: new Date(),
    },
  })
  expect(await asSaid(access.GET, "/api/v1/access?limit=1000")).toMatchObject({ items: [{ client: "order-service" }] })
  expect(await asSaid(placements.GET, "/api/v1/placements?limit=1000")).toMatchObject({ items: [{ id: placed }] })
  const { version } = await asSaid(placement.GET, `/api/v1/placements/${placed}`, at(placed))
  const guard = (ifMatch: unknown) =>
    ask(placement.PATCH, `/api/v1/placements/${placed}`, {
      token: rootToken,
      method: "PATCH",
      body: { protected: true },
      headers: { "if-match": `"${String(ifMatch)}"` },
      ...at(placed),
    })
  expect(await guard(version)).toMatchObject({ status: 200, body: { protected: true } })
  expect(await guard(version)).toMatchObject({ status: 412, body: { code: "stale" } })
  await asSaid(remains.GET, `/api/v1/providers/${providerId}/remains`, at(providerId))
  const saved = await asSaid(searches.POST, "/api/v1/saved-searches", { body: { name: "a", query: "" } })
  await asSaid(searches.GET, "/api/v1/saved-searches?limit=1000")
  await asSaid(search.DELETE, "/api/v1/saved-searches/x", { ...gone, ...at(String(saved.id)) })
  await asSaid(grant.DELETE, "/api/v1/grants/x", { ...gone, ...at(made.grantId) })
  await asSaid(client.DELETE, "/api/v1/clients/x", { ...gone, ...at(made.clientId) })
  await asSaid(audience.DELETE, "/api/v1/audiences/x", { ...gone, ...at(made.audienceId) })
})

test("a provider on which nothing stands goes by a plain DELETE; one with something says what, until that is meant", async () => {
  const [empty, used] = [await providerRow("okta"), await providerRow("entra")]
  await asSaid(provider.DELETE, "/api/v1/providers/x", { ...gone, ...at(empty) })
  await granted(used, "report-service", "https://stock.example", ["read"])
  const path = `/api/v1/providers/${used}`
  const refused = await ask(provider.DELETE, path, { token: rootToken, ...gone, ...at(used) })
  expect(refused).toMatchObject({ status: 409, body: { code: "provider_in_use", wanted: { clients: 1 } } })
  const meant = await ask(provider.DELETE, `${path}?leave_behind=1`, { token: rootToken, ...gone, ...at(used) })
  expect(meant).toMatchObject({ status: 200, body: { left_behind: { wanted: { clients: 1 } } } })
})
