import { jsonOf, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import { isObject } from "../../../base/json.ts"
import {
  addPasswordBody,
  appBody,
  bad,
  bodyOf,
  lawfulRoles,
  lawfulUris,
  missing,
  newAppBody,
  paged,
  Refused,
  removePasswordBody,
  shownApp,
  type AppBody,
} from "./law.ts"
import { listed, newApp, newPassword, put, removeApp, seen, type FakeApp, type Tenant } from "./state.ts"
import { mayChange, read, write, type Caller, type Callers } from "./callers.ts"

export function applicationRoutes(tenant: Tenant, who: Callers): readonly Route[] {
  const byId = (id: string | undefined): FakeApp => {
    const app = seen(tenant.apps.get(id ?? ""))
    if (!app) throw missing()
    return app
  }

  function change(app: FakeApp, body: AppBody): void {
    const known = tenant.apps.get(app.id)?.now ?? app
    if (body.identifierUris) lawfulUris(tenant, known, body.identifierUris)
    if (body.appRoles) {
      lawfulRoles(known.appRoles, body.appRoles)
      const kept = new Set(body.appRoles.map(({ id }) => id))
      const gone = new Set(known.appRoles.filter(({ id }) => !kept.has(id)).map(({ id }) => id))
      for (const one of [...tenant.assignments.values()]) if (gone.has(one.appRoleId)) tenant.assignments.delete(one.id)
    }
    put(tenant, tenant.apps, { ...known, ...defined(body) })
  }

  function make(body: AppBody & { uniqueName?: string | undefined }, caller: Caller): FakeApp {
    if (body.displayName === undefined) throw bad("Property displayName is required.")
    const app = newApp(tenant, { ...defined(body), createdByAppId: caller.appId })
    lawfulUris(tenant, app, app.identifierUris)
    lawfulRoles([], app.appRoles)
    if (tenant.deleted.some(({ uniqueName }) => uniqueName !== null && uniqueName === app.uniqueName))
      throw new Refused(
        409,
        "Request_MultipleObjectsWithSameKeyValue",
        "A conflicting object with the same uniqueName exists.",
      )
    put(tenant, tenant.apps, app)
    return app
  }

  /** `applications(uniqueName='…')`, made where it is missing if the caller prefers so. */
  function upsert(request: FakeRequest, caller: Caller, uniqueName: string): FakeAnswer {
    const there = [...tenant.apps.values()].find(({ now }) => now.uniqueName === uniqueName)
    if (there) {
      mayChange(caller, there.now)
      change(there.now, bodyOf(request, appBody.extend({ signInAudience: newAppBody.shape.signInAudience })))
      return { status: 204 }
    }
    if (!String(request.headers.prefer).includes("create-if-missing")) throw missing()
    const app = make({ ...bodyOf(request, newAppBody), uniqueName }, caller)
    return { status: 201, json: shownApp(tenant, app, new URLSearchParams()) }
  }

  return [
    {
      method: "GET",
      path: "/v1.0/applications",
      async run(request) {
        await who(request, read)
        const all = listed(tenant.apps.values()).map((app) => shownApp(tenant, app, request.query))
        return paged(tenant, request, all)
      },
    },
    {
      method: "POST",
      path: "/v1.0/applications",
      async run(request) {
        const app = make(bodyOf(request, newAppBody), await who(request, write))
        return { status: 201, json: shownApp(tenant, app, new URLSearchParams()) }
      },
    },
    {
      method: "GET",
      path: "/v1.0/applications/:id",
      async run(request) {
        await who(request, read)
        return { status: 200, json: shownApp(tenant, byId(request.params.id), request.query) }
      },
    },
    {
      method: "PATCH",
      path: "/v1.0/applications/:id",
      async run(request) {
        const caller = await who(request, write)
        const app = byId(request.params.id)
        mayChange(caller, app)
        change(app, bodyOf(request, appBody))
        return { status: 204 }
      },
    },
    {
      method: "DELETE",
      path: "/v1.0/applications/:id",
      async run(request) {
        const caller = await who(request, write)
        const app = byId(request.params.id)
        mayChange(caller, app)
        removeApp(tenant, tenant.apps.get(app.id)?.now ?? app)
        return { status: 204 }
      },
    },
    {
      method: "POST",
      path: "/v1.0/applications/:id/addPassword",
      async run(request) {
        const caller = await who(request, write)
        const app = byId(request.params.id)
        mayChange(caller, app)
        const { passwordCredential = {} } = bodyOf(request, addPasswordBody)
        const made = newPassword(tenant, {
          displayName: passwordCredential.displayName ?? null,
          startDateTime: passwordCredential.startDateTime ?? null,
          endDateTime: passwordCredential.endDateTime ?? null,
        })
        if (made.endDateTime <= made.startDateTime) throw bad("Key credential end date is invalid.")
        const now = tenant.apps.get(app.id)?.now ?? app
        put(tenant, tenant.apps, { ...now, passwordCredentials: [...now.passwordCredentials, made] })
        const { value, knownAt: _, ...told } = made
        return { status: 200, json: { customKeyIdentifier: null, ...told, secretText: value } }
      },
    },
    {
      method: "POST",
      path: "/v1.0/applications/:id/removePassword",
      async run(request) {
        const caller = await who(request, write)
        const app = byId(request.params.id)
        mayChange(caller, app)
        const { keyId } = bodyOf(request, removePasswordBody)
        const now = tenant.apps.get(app.id)?.now ?? app
        const rest = now.passwordCredentials.filter((one) => one.keyId !== keyId)
        if (rest.length === now.passwordCredentials.length) throw bad("No password credential found with keyId.")
        put(tenant, tenant.apps, { ...now, passwordCredentials: rest })
        return { status: 204 }
      },
    },
    {
      method: "GET",
      path: "/v1.0/directory/deletedItems/microsoft.graph.application",
      async run(request) {
        await who(request, read)
        return paged(
          tenant,
          request,
          tenant.deleted.map((app) => shownApp(tenant, app, request.query)),
        )
      },
    },
    {
      method: "PATCH",
      path: "/v1.0/:key",
      async run(request) {
        const [, name] = /^applications\(uniqueName='(.*)'\)$/.exec(request.params.key ?? "") ?? []
        if (name === undefined) throw missing()
        const caller = await who(request, write)
        if (!isObject(jsonOf(request))) throw bad("Empty Payload. JSON content expected.")
        return upsert(request, caller, name.replaceAll("''", "'"))
      },
    },
  ]
}

/** Without members that are undefined, so that they overwrite nothing. */
const defined = <T extends object>(body: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
