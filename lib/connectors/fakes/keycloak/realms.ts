/** Realms, their policies and log settings, users and roles, and what the server tells of itself. */
import { isObject } from "../../../base/json.ts"
import { jsonOf, type FakeAnswer, type Route } from "../base/server.ts"
import type { AdminServer, RouteOf } from "./access.ts"
import { done, managementRoles, newRealm, refusal, unknownError } from "./state.ts"

/** What an empty list stands for, as far as we use it: neither introspections nor refreshes. */
const defaultEventTypes = [
  "CLIENT_LOGIN",
  "CLIENT_LOGIN_ERROR",
  "TOKEN_EXCHANGE",
  "TOKEN_EXCHANGE_ERROR",
  "REVOKE_GRANT",
]

export const version = "26.7.4"

export function realmRoutes(server: AdminServer, route: RouteOf): readonly Route[] {
  const { realms } = server
  return [
    {
      method: "GET",
      path: "/admin/serverinfo",
      async run(request) {
        const caller = await server.caller(request)
        if (!caller) return refusal(401, "HTTP 401 Unauthorized")
        const systemInfo = caller.may("manage-realm") ? { version } : {}
        const features = [{ name: "CLIENT_SECRET_ROTATION", type: "PREVIEW", enabled: server.rotates }]
        return { status: 200, json: { systemInfo, features } }
      },
    },
    {
      method: "POST",
      path: "/admin/realms",
      async run(request) {
        const caller = await server.caller(request)
        if (!caller) return refusal(401, "HTTP 401 Unauthorized")
        if (!caller.may("create-realm")) return refusal(403, "HTTP 403 Forbidden")
        const sent = jsonOf(request)
        const name = isObject(sent) ? String(sent.realm) : ""
        if (realms.has(name)) return refusal(409, "conflict", `Realm ${name} already exists`)
        realms.set(name, newRealm(name))
        return { status: 201, headers: { location: `${request.origin}/admin/realms/${name}` } }
      },
    },
    route("GET", "", [], ({ realm: { id, name }, caller }) => ({
      status: 200,
      json: caller.may("view-realm")
        ? { id, realm: name, enabled: true, accessTokenLifespan: 300, defaultSignatureAlgorithm: "RS256" }
        : { realm: name },
    })),
    route("DELETE", "", ["manage-realm"], ({ realm }) => {
      realms.delete(realm.name)
      return done
    }),
    route("GET", "/events/config", ["view-events"], ({ realm }) => ({ status: 200, json: realm.eventsConfig })),
    route("PUT", "/events/config", ["manage-events"], (request) => {
      const sent = jsonOf(request)
      if (!isObject(sent)) return unknownError
      // An absent key is switched off.
      request.realm.eventsConfig = {
        ...sent,
        eventsEnabled: sent.eventsEnabled === true,
        enabledEventTypes:
          Array.isArray(sent.enabledEventTypes) && sent.enabledEventTypes.length > 0
            ? sent.enabledEventTypes.map(String)
            : defaultEventTypes,
        adminEventsEnabled: sent.adminEventsEnabled === true,
      }
      return done
    }),
    ...policyRoutes(server, route),
    route("GET", "/users/:id", ["view-users"], ({ realm, params }) => {
      const user = realm.users.get(params.id ?? "")
      return user ? { status: 200, json: { id: user.id, username: user.username } } : refusal(404, "User not found")
    }),
    route("GET", "/clients/:id/roles", ["view-clients"], ({ realm, params }) => ({
      status: 200,
      json:
        realm.clients.get(params.id ?? "")?.clientId === "realm-management"
          ? managementRoles.map((name) => ({ id: name, name }))
          : [],
    })),
    route("GET", "/users/:id/role-mappings/clients/:client", ["view-users"], ({ realm, params }) => {
      const user = realm.users.get(params.id ?? "")
      return user
        ? { status: 200, json: [...user.roles].map((name) => ({ id: name, name })) }
        : refusal(404, "User not found")
    }),
    route("POST", "/users/:id/role-mappings/clients/:client", ["manage-users"], (request) => {
      const user = request.realm.users.get(request.params.id ?? "")
      const sent = jsonOf(request)
      if (!user || !Array.isArray(sent)) return refusal(404, "User not found")
      for (const role of sent) if (isObject(role)) user.roles.add(String(role.name))
      return done
    }),
  ]
}

function policyRoutes(server: AdminServer, route: RouteOf): readonly Route[] {
  const invalid = (why: string): FakeAnswer => ({ status: 400, json: { errorMessage: why } })
  return [
    route("GET", "/client-policies/profiles", ["view-realm"], ({ realm }) => ({ status: 200, json: realm.profiles })),
    route("GET", "/client-policies/policies", ["view-realm"], ({ realm }) => ({ status: 200, json: realm.policies })),
    route("PUT", "/client-policies/profiles", ["manage-realm"], (request) => {
      const sent = jsonOf(request)
      if (!isObject(sent) || !Array.isArray(sent.profiles)) return unknownError
      if (!server.rotates && request.body.includes("secret-rotation"))
        return invalid(
          "proposed client profile contains the executor, which does not have valid provider, or is invalid.",
        )
      request.realm.profiles = { profiles: sent.profiles }
      return done
    }),
    route("PUT", "/client-policies/policies", ["manage-realm"], (request) => {
      const sent = jsonOf(request)
      if (!isObject(sent) || !Array.isArray(sent.policies)) return unknownError
      const known = new Set(request.realm.profiles.profiles.map((one) => (isObject(one) ? one.name : null)))
      const used = sent.policies.flatMap((one): unknown[] =>
        isObject(one) && Array.isArray(one.profiles) ? one.profiles : [],
      )
      if (used.some((name) => !known.has(name))) return invalid("referring not existing client profiles.")
      request.realm.policies = { policies: sent.policies }
      return done
    }),
  ]
}
