import type { FakeAnswer, FakeRequest, Route } from "../base/server.ts"
import type { Callers } from "./callers.ts"
import { bad, paged, Refused } from "./law.ts"
import type { Tenant } from "./state.ts"

const needed = ["AuditLog.Read.All"]
const services = "signInEventTypes/any(t: t eq 'servicePrincipal')"

export function logRoutes(tenant: Tenant, who: Callers): readonly Route[] {
  function licensed(): void {
    if (!tenant.modes.licence)
      throw new Refused(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
      )
  }

  /** Newest first. Without the filter on event types only interactive sign-ins of people come back. */
  function signIns(request: FakeRequest, knowsTypes: boolean): FakeAnswer {
    licensed()
    const filter = request.query.get("$filter") ?? ""
    const ofServices = filter.includes(services)
    if (filter.includes("signInEventTypes") && !knowsTypes)
      throw bad("Could not find a property named 'signInEventTypes' on type 'microsoft.graph.signIn'.", "BadRequest")
    const since = timeIn(filter, "createdDateTime")
    const before = timeIn(filter, "createdDateTime", "le", Infinity)
    const found = tenant.signIns.filter(({ isInteractive, createdDateTime }) => {
      const at = Date.parse(createdDateTime)
      return isInteractive !== ofServices && at >= since && at <= before
    })
    return paged(tenant, request, found.toReversed())
  }

  return [
    {
      method: "GET",
      path: "/v1.0/auditLogs/signIns",
      async run(request) {
        await who(request, needed)
        return signIns(request, tenant.modes.v1SignIns)
      },
    },
    {
      method: "GET",
      path: "/beta/auditLogs/signIns",
      async run(request) {
        await who(request, needed)
        return signIns(request, true)
      },
    },
    {
      method: "GET",
      path: "/v1.0/auditLogs/directoryAudits",
      async run(request) {
        await who(request, needed)
        const since = timeIn(request.query.get("$filter") ?? "", "activityDateTime")
        const found = tenant.audits.filter(({ activityDateTime }) => Date.parse(activityDateTime) >= since)
        return paged(tenant, request, found.toReversed())
      },
    },
    {
      method: "GET",
      path: "/beta/reports/appCredentialSignInActivities",
      async run(request) {
        await who(request, needed)
        licensed()
        const [, appId] = /appId eq '([^']*)'/.exec(request.query.get("$filter") ?? "") ?? []
        const last = new Map<string, string>()
        for (const one of tenant.signIns)
          if (one.appId === appId && typeof one.usedKeyId === "string") last.set(one.usedKeyId, one.createdDateTime)
        const items = [...last].map(([keyId, lastSignInDateTime]) => ({
          id: keyId,
          keyId,
          keyType: "clientSecret",
          appId,
          signInActivity: { lastSignInDateTime, lastSignInRequestId: null },
        }))
        return paged(tenant, request, items)
      },
    },
  ]
}

function timeIn(filter: string, field: string, how: "ge" | "le" = "ge", otherwise = 0): number {
  const [, text] = new RegExp(`${field} ${how} (\\S+)`).exec(filter) ?? []
  return text === undefined ? otherwise : Date.parse(text)
}
