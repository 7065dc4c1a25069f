import { randomUUID } from "node:crypto"
import type { Route } from "../base/server.ts"
import {
  assignmentBody,
  bad,
  bodyOf,
  missing,
  newPrincipalBody,
  paged,
  principalBody,
  Refused,
  shownPrincipal,
} from "./law.ts"
import {
  appOf,
  listed,
  newPrincipal,
  put,
  seen,
  type FakeAssignment,
  type FakePrincipal,
  type Tenant,
} from "./state.ts"
import { mayChange, read, write, type Callers } from "./callers.ts"

const assign = ["AppRoleAssignment.ReadWrite.All"]
/** "Default access": an assignment without a role. */
const noRole = "00000000-0000-0000-0000-000000000000"

export function principalRoutes(tenant: Tenant, who: Callers): readonly Route[] {
  const byId = (id: string | undefined): FakePrincipal => {
    const found = seen(tenant.principals.get(id ?? ""))
    if (!found) throw missing()
    return found
  }
  const shown = (one: FakeAssignment) => ({
    ...one,
    deletedDateTime: null,
    principalDisplayName: nameOf(one.principalId),
    resourceDisplayName: nameOf(one.resourceId),
  })
  const nameOf = (id: string): string | null => {
    const principal = tenant.principals.get(id)?.now
    return principal ? (appOf(tenant, principal.appId)?.displayName ?? null) : null
  }

  return [
    {
      method: "GET",
      path: "/v1.0/servicePrincipals",
      async run(request) {
        await who(request, read)
        const all = listed(tenant.principals.values()).map((one) => shownPrincipal(tenant, one, request.query))
        return paged(tenant, request, all)
      },
    },
    {
      method: "POST",
      path: "/v1.0/servicePrincipals",
      async run(request) {
        const caller = await who(request, write)
        const { appId, ...body } = bodyOf(request, newPrincipalBody)
        const replica = [...tenant.apps.values()].find(({ now }) => now.appId === appId)
        const app = seen(replica)
        if (!app) throw missing()
        mayChange(caller, app)
        if ([...tenant.principals.values()].some(({ now }) => now.appId === appId))
          throw new Refused(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            "The service principal cannot be created, since its app already has one.",
          )
        const made = newPrincipal(appId, {
          accountEnabled: body.accountEnabled ?? true,
          appRoleAssignmentRequired: body.appRoleAssignmentRequired ?? false,
          tags: body.tags ?? [],
        })
        put(tenant, tenant.principals, made)
        return { status: 201, json: shownPrincipal(tenant, made, new URLSearchParams()) }
      },
    },
    {
      method: "GET",
      path: "/v1.0/servicePrincipals/:id",
      async run(request) {
        await who(request, read)
        return { status: 200, json: shownPrincipal(tenant, byId(request.params.id), request.query) }
      },
    },
    {
      method: "PATCH",
      path: "/v1.0/servicePrincipals/:id",
      async run(request) {
        const caller = await who(request, write)
        const found = byId(request.params.id)
        const app = appOf(tenant, found.appId)
        if (app) mayChange(caller, app)
        const body = bodyOf(request, principalBody)
        const now = tenant.principals.get(found.id)?.now ?? found
        put(tenant, tenant.principals, {
          ...now,
          accountEnabled: body.accountEnabled ?? now.accountEnabled,
          appRoleAssignmentRequired: body.appRoleAssignmentRequired ?? now.appRoleAssignmentRequired,
          tags: body.tags ?? now.tags,
        })
        return { status: 204 }
      },
    },
    {
      method: "GET",
      path: "/v1.0/servicePrincipals/:id/appRoleAssignedTo",
      async run(request) {
        await who(request, read)
        const { id } = byId(request.params.id)
        const all = [...tenant.assignments.values()].filter(({ resourceId }) => resourceId === id)
        return paged(tenant, request, all.map(shown))
      },
    },
    {
      method: "POST",
      path: "/v1.0/servicePrincipals/:id/appRoleAssignedTo",
      async run(request) {
        await who(request, assign)
        const resource = byId(request.params.id)
        const body = bodyOf(request, assignmentBody)
        byId(body.principalId)
        if (body.resourceId !== resource.id) throw bad("The resourceId does not match the address.")
        const role = appOf(tenant, resource.appId)?.appRoles.find(({ id }) => id === body.appRoleId)
        if (body.appRoleId !== noRole && role?.isEnabled !== true)
          throw bad("Permission being assigned was not found on application.")
        const twin = [...tenant.assignments.values()].some(
          (one) =>
            one.principalId === body.principalId &&
            one.resourceId === body.resourceId &&
            one.appRoleId === body.appRoleId,
        )
        if (twin) throw bad("Permission being assigned already exists on the object.")
        const made: FakeAssignment = {
          id: randomUUID(),
          principalType: "ServicePrincipal",
          createdDateTime: tenant.clock.now().toISOString(),
          ...body,
        }
        tenant.assignments.set(made.id, made)
        return { status: 201, json: shown(made) }
      },
    },
    {
      method: "DELETE",
      path: "/v1.0/servicePrincipals/:id/appRoleAssignedTo/:assignment",
      async run(request) {
        await who(request, assign)
        const { id } = byId(request.params.id)
        const found = tenant.assignments.get(request.params.assignment ?? "")
        if (found?.resourceId !== id) throw missing()
        tenant.assignments.delete(found.id)
        return { status: 204 }
      },
    },
  ]
}
