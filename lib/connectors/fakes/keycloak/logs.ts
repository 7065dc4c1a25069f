/** The two logs of a realm. Failed calls leave no admin event. */
import { randomUUID } from "node:crypto"
import type { Route } from "../base/server.ts"
import type { AdminRequest, AdminServer, RouteOf } from "./access.ts"
import { refusal, unknownError, type FakeRealm } from "./state.ts"

export function record(
  { clock }: AdminServer,
  { realm, caller }: AdminRequest,
  operationType: string,
  resourceType: string,
  resourcePath: string,
): void {
  if (!realm.eventsConfig.adminEventsEnabled) return
  const authDetails = { ...caller.authDetails, ipAddress: "127.0.0.1" }
  const time = clock.now().getTime()
  realm.adminEvents.push({
    id: randomUUID(),
    time,
    realmId: realm.id,
    authDetails,
    operationType,
    resourceType,
    resourcePath,
  })
}

export function note(realm: FakeRealm, time: number, type: string, facts: Record<string, unknown>): void {
  if (!realm.eventsConfig.eventsEnabled || !realm.eventsConfig.enabledEventTypes.includes(type)) return
  realm.events.push({
    id: randomUUID(),
    time,
    type,
    realmId: realm.id,
    ipAddress: "127.0.0.1",
    ...facts,
  } as FakeRealm["events"][number])
}

const knownType = /^[A-Z_]+$/

export function logRoutes(_server: AdminServer, route: RouteOf): readonly Route[] {
  return [
    route("GET", "/events", ["view-events"], ({ realm, query }) => {
      const types = query.getAll("type")
      if (types.some((type) => !knownType.test(type))) return unknownError
      const direction = query.get("direction") ?? "desc"
      const from = Number(query.get("dateFrom") ?? 0)
      if (!["asc", "desc"].includes(direction) || Number.isNaN(from)) return refusal(400, "Invalid value")
      const sign = direction === "asc" ? 1 : -1
      const found = realm.events
        .filter((one) => (types.length === 0 || types.includes(one.type)) && one.time >= from)
        .sort((a, b) => sign * (a.time - b.time))
      return { status: 200, json: page(found, query) }
    }),
    route("GET", "/admin-events", ["view-events"], ({ realm, query }) => {
      const types = query.getAll("resourceTypes")
      const from = Number(query.get("dateFrom") ?? 0)
      const found = realm.adminEvents
        .filter((one) => (types.length === 0 || types.includes(String(one.resourceType))) && Number(one.time) >= from)
        .toReversed()
      return { status: 200, json: page(found, query) }
    }),
  ]
}

const page = <T>(found: readonly T[], query: URLSearchParams): readonly T[] => {
  const first = Number(query.get("first") ?? 0)
  const max = Number(query.get("max") ?? 100)
  return found.slice(first, max < 0 ? undefined : first + max)
}
