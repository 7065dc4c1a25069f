import type { Route } from "../base/server.ts"
import { read, type Callers } from "./callers.ts"
import { missing, shownApp, shownPrincipal } from "./law.ts"
import { seen, type Tenant } from "./state.ts"

/** `applications(uniqueName='…')`, `applications(appId='…')`, `servicePrincipals(appId='…')`: alternate keys. */
export const keyedRoute = (tenant: Tenant, who: Callers): Route => ({
  method: "GET",
  path: "/v1.0/:key",
  async run(request) {
    const [, collection, name, given = ""] = /^(\w+)\((uniqueName|appId)='(.*)'\)$/.exec(request.params.key ?? "") ?? []
    const value = given.replaceAll("''", "'")
    await who(request, read)
    if (collection === "applications") {
      const held = [...tenant.apps.values()].find(
        ({ now }) => (name === "appId" ? now.appId : now.uniqueName) === value,
      )
      const app = seen(held)
      if (app) return { status: 200, json: shownApp(tenant, app, request.query) }
    }
    if (collection === "servicePrincipals" && name === "appId") {
      const found = seen([...tenant.principals.values()].find(({ now }) => now.appId === value))
      if (found) return { status: 200, json: shownPrincipal(tenant, found, request.query) }
    }
    throw missing()
  },
})
