/** `/client-scopes`, their mappers, and their assignment to clients. */
import { randomUUID } from "node:crypto"
import { isObject } from "../../../base/json.ts"
import { jsonOf, type FakeAnswer, type Route } from "../base/server.ts"
import type { AdminRequest, AdminServer, RouteOf } from "./access.ts"
import { record } from "./logs.ts"
import {
  done,
  message,
  refusal,
  unknownError,
  type FakeClient,
  type FakeMapper,
  type FakeRealm,
  type FakeScope,
} from "./state.ts"

const scopeName = /^[\x21\x23-\x5B\x5D-\x7E]+$/
const textMax = 255

export function scopeRoutes(server: AdminServer, route: RouteOf): readonly Route[] {
  const manage = ["manage-clients"]
  const one = (run: (request: AdminRequest, scope: FakeScope) => FakeAnswer) => (request: AdminRequest) => {
    const scope = request.realm.scopes.get(request.params.id ?? "")
    return scope ? run(request, scope) : refusal(404, "Could not find client scope")
  }
  return [
    route("GET", "/client-scopes", ["query-clients"], ({ realm, caller }) => ({
      status: 200,
      json: caller.may("view-clients") ? [...realm.scopes.values()] : [],
    })),
    route(
      "GET",
      "/client-scopes/:id",
      ["view-clients"],
      one((_request, scope) => ({ status: 200, json: scope })),
    ),
    route("POST", "/client-scopes", manage, (request) => {
      const sent = jsonOf(request)
      if (!isObject(sent)) return refusal(400, "unknown_error", "Cannot parse the JSON")
      const name = String(sent.name)
      if (!scopeName.test(name)) return message(400, `Unexpected name "${name}" for ClientScope`)
      if (sent.protocol !== "openid-connect") return message(400, "Unexpected protocol")
      if (name.length > textMax || String(sent.description ?? "").length > textMax) return unknownError
      const id = typeof sent.id === "string" ? sent.id : randomUUID()
      if (request.realm.scopes.has(id) || named(request.realm, name))
        return message(409, `Client Scope ${name} already exists`)
      request.realm.scopes.set(id, {
        id,
        name,
        ...(typeof sent.description === "string" ? { description: sent.description } : {}),
        protocol: "openid-connect",
        attributes: strings(sent.attributes),
        protocolMappers: (Array.isArray(sent.protocolMappers) ? sent.protocolMappers : [])
          .filter(isObject)
          .map(newMapper),
      })
      record(server, request, "CREATE", "CLIENT_SCOPE", `client-scopes/${id}`)
      return { status: 201, headers: { location: `${request.origin}${request.path}/${id}` } }
    }),
    route(
      "PUT",
      "/client-scopes/:id",
      manage,
      one((request, scope) => {
        const sent = jsonOf(request)
        // Without a name the real one fails inside.
        if (!isObject(sent) || typeof sent.name !== "string") return unknownError
        const taken = named(request.realm, sent.name)
        if (taken && taken !== scope) return message(409, `Client Scope ${sent.name} already exists`)
        scope.name = sent.name
        if (typeof sent.description === "string") scope.description = sent.description
        for (const [key, value] of Object.entries(isObject(sent.attributes) ? sent.attributes : {})) {
          if (value === null) delete scope.attributes[key]
          else scope.attributes[key] = String(value)
        }
        record(server, request, "UPDATE", "CLIENT_SCOPE", `client-scopes/${scope.id}`)
        return done
      }),
    ),
    route(
      "DELETE",
      "/client-scopes/:id",
      manage,
      one((request, { id }) => {
        request.realm.scopes.delete(id)
        // Every assignment goes with it, without a word.
        for (const { defaultScopes, optionalScopes } of request.realm.clients.values())
          for (const list of [defaultScopes, optionalScopes]) list.delete(id)
        record(server, request, "DELETE", "CLIENT_SCOPE", `client-scopes/${id}`)
        return done
      }),
    ),
    route(
      "POST",
      "/client-scopes/:id/protocol-mappers/models",
      manage,
      one((request, scope) => {
        const sent = jsonOf(request)
        if (!isObject(sent)) return refusal(400, "unknown_error", "Cannot parse the JSON")
        if (scope.protocolMappers.some(({ name }) => name === sent.name))
          return message(409, "Protocol mapper exists with same name")
        const made = newMapper(sent)
        scope.protocolMappers.push(made)
        record(
          server,
          request,
          "CREATE",
          "PROTOCOL_MAPPER",
          `client-scopes/${scope.id}/protocol-mappers/models/${made.id}`,
        )
        return { status: 201, headers: { location: `${request.origin}${request.path}/${made.id}` } }
      }),
    ),
    route(
      "PUT",
      "/client-scopes/:id/protocol-mappers/models/:mapper",
      manage,
      one((request, scope) => {
        const sent = jsonOf(request)
        const found = scope.protocolMappers.find(({ id }) => id === request.params.mapper)
        if (!found) return refusal(404, "Model not found")
        // Without the id in the body the real one fails inside.
        if (!isObject(sent) || typeof sent.id !== "string") return unknownError
        // The whole config is replaced; flags that are not sent stay away, and a new name is ignored.
        found.config = strings(sent.config)
        record(
          server,
          request,
          "UPDATE",
          "PROTOCOL_MAPPER",
          `client-scopes/${scope.id}/protocol-mappers/models/${found.id}`,
        )
        return done
      }),
    ),
    route(
      "DELETE",
      "/client-scopes/:id/protocol-mappers/models/:mapper",
      manage,
      one((request, scope) => {
        const { mapper = "" } = request.params
        const left = scope.protocolMappers.filter(({ id }) => id !== mapper)
        if (left.length === scope.protocolMappers.length) return refusal(404, "Model not found")
        scope.protocolMappers = left
        record(
          server,
          request,
          "DELETE",
          "PROTOCOL_MAPPER",
          `client-scopes/${scope.id}/protocol-mappers/models/${mapper}`,
        )
        return done
      }),
    ),
    ...(["default", "optional"] as const).flatMap((kind) => assignments(server, route, kind)),
  ]
}

function assignments(server: AdminServer, route: RouteOf, kind: "default" | "optional"): readonly Route[] {
  const path = `/clients/:id/${kind}-client-scopes/:scope`
  const both =
    (run: (request: AdminRequest, client: FakeClient, scope: FakeScope) => void) => (request: AdminRequest) => {
      const client = request.realm.clients.get(request.params.id ?? "")
      if (!client) return refusal(404, "Could not find client")
      const scope = request.realm.scopes.get(request.params.scope ?? "")
      if (!scope) return refusal(404, "Client scope not found")
      run(request, client, scope)
      return done
    }
  const told = (request: AdminRequest, client: FakeClient, scope: FakeScope, operation: string) =>
    record(
      server,
      request,
      operation,
      "CLIENT_SCOPE_CLIENT_MAPPING",
      `clients/${client.id}/${kind}-client-scopes/${scope.id}`,
    )
  return [
    route(
      "PUT",
      path,
      ["manage-clients"],
      both((request, client, scope) => {
        const other = kind === "default" ? client.optionalScopes : client.defaultScopes
        // Assigned the other way already: 204, and nothing happens.
        if (!other.has(scope.id)) (kind === "default" ? client.defaultScopes : client.optionalScopes).add(scope.id)
        told(request, client, scope, "CREATE")
      }),
    ),
    route(
      "DELETE",
      path,
      ["manage-clients"],
      both((request, client, scope) => {
        // Of either kind.
        for (const list of [client.defaultScopes, client.optionalScopes]) list.delete(scope.id)
        told(request, client, scope, "DELETE")
      }),
    ),
  ]
}

const named = (realm: FakeRealm, name: string): FakeScope | undefined =>
  [...realm.scopes.values()].find((scope) => scope.name === name)

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(isObject(value) ? value : {}).map(([key, one]) => [key, String(one)]))

const newMapper = (sent: Record<string, unknown>): FakeMapper => ({
  id: typeof sent.id === "string" ? sent.id : randomUUID(),
  name: String(sent.name),
  protocol: "openid-connect",
  protocolMapper: String(sent.protocolMapper),
  config: { "userinfo.token.claim": "false", "introspection.token.claim": "true", ...strings(sent.config) },
})
