import { isObject, type Json } from "../../../base/json.ts"
import type { FakeRequest, Route } from "../base/server.ts"
import { logAct, type Admin } from "./callers.ts"
import { bodyOf, invalid, listOf, notFound, partOf, textOf } from "./law.ts"
import { manageServers, readServers, serverOf } from "./servers.ts"
import { newId, nowText, type Body, type FakePolicy, type FakeRule, type FakeServer, type Org } from "./state.ts"

const path = "/api/v1/authorizationServers/:server/policies"
const lifeMinutes = { min: 5, max: 1_440 }

/** Lists of policies and rules are not paged. A priority is a place: whoever takes one moves the others down. */
export function policyRoutes(org: Org, admin: Admin): readonly Route[] {
  const policyOf = (server: FakeServer, { params }: FakeRequest): FakePolicy => {
    const policy = server.policies.find(({ id }) => id === params.policy)
    if (!policy) throw notFound(`${params.policy ?? ""} (Policy)`)
    return policy
  }
  const ruleOf = (policy: FakePolicy, { params }: FakeRequest): FakeRule => {
    const rule = policy.rules.find(({ id }) => id === params.rule)
    if (!rule) throw notFound(`${params.rule ?? ""} (PolicyRule)`)
    return rule
  }
  const shown = <T extends FakePolicy | FakeRule>(one: T, among: readonly T[]): Json => ({
    ...one.body,
    id: one.id,
    status: one.status,
    priority: among.indexOf(one) + 1,
    system: false,
    created: one.created,
    lastUpdated: one.created,
    ...(org.modes.nulls && "rules" in one ? { description: one.body.description ?? null } : {}),
  })
  const act = (actor: Parameters<typeof logAct>[1], what: string, server: FakeServer, id: string, type: string) =>
    logAct(org, actor, `policy.${what}`, [{ id, type }], { authorizationServer: server.id })
  const rules = `${path}/:policy/rules`

  return [
    admin("GET", path, readServers, (request) => {
      const { policies } = serverOf(org, request)
      return { status: 200, json: policies.map((one) => shown(one, policies)) }
    }),
    admin("POST", path, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      const body = acceptedPolicy(bodyOf(request))
      if (server.policies.some((one) => one.body.name === body.name))
        throw invalid("name", "name: There is already another policy with this name.")
      const policy: FakePolicy = { id: newId("00p"), created: nowText(org), body, status: statusOf(body), rules: [] }
      server.policies = placed(server.policies, policy, body)
      act(actor, "lifecycle.create", server, policy.id, "PolicyEntity")
      return { status: 201, json: shown(policy, server.policies) }
    }),
    admin("GET", `${path}/:policy`, readServers, (request) => {
      const { policies } = serverOf(org, request)
      return { status: 200, json: shown(policyOf(serverOf(org, request), request), policies) }
    }),
    admin("PUT", `${path}/:policy`, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      const policy = policyOf(server, request)
      policy.body = acceptedPolicy(bodyOf(request))
      policy.status = statusOf(policy.body)
      server.policies = placed(server.policies, policy, policy.body)
      act(actor, "lifecycle.update", server, policy.id, "PolicyEntity")
      return { status: 200, json: shown(policy, server.policies) }
    }),
    admin("DELETE", `${path}/:policy`, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      const policy = policyOf(server, request)
      server.policies = server.policies.filter((one) => one !== policy)
      act(actor, "lifecycle.delete", server, policy.id, "PolicyEntity")
      return { status: 204 }
    }),
    admin("GET", rules, readServers, (request) => {
      const policy = policyOf(serverOf(org, request), request)
      return { status: 200, json: policy.rules.map((one) => shown(one, policy.rules)) }
    }),
    admin("POST", rules, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      const policy = policyOf(server, request)
      const body = acceptedRule(bodyOf(request), server)
      const rule: FakeRule = { id: newId("0pr"), created: nowText(org), body, status: statusOf(body) }
      policy.rules = placed(policy.rules, rule, body)
      act(actor, "rule.add", server, policy.id, "PolicyEntity")
      return { status: 201, json: shown(rule, policy.rules) }
    }),
    admin("PUT", `${rules}/:rule`, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      const policy = policyOf(server, request)
      const rule = ruleOf(policy, request)
      rule.body = acceptedRule(bodyOf(request), server)
      rule.status = statusOf(rule.body)
      policy.rules = placed(policy.rules, rule, rule.body)
      act(actor, "rule.update", server, policy.id, "PolicyEntity")
      return { status: 200, json: shown(rule, policy.rules) }
    }),
    admin("DELETE", `${rules}/:rule`, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      const policy = policyOf(server, request)
      const rule = ruleOf(policy, request)
      policy.rules = policy.rules.filter((one) => one !== rule)
      act(actor, "rule.delete", server, policy.id, "PolicyEntity")
      return { status: 204 }
    }),
  ]
}

const statusOf = (body: Body) => (body.status === "INACTIVE" ? "INACTIVE" : "ACTIVE")

function placed<T>(list: readonly T[], one: T, { priority }: Body): T[] {
  const others = list.filter((other) => other !== one)
  const at = typeof priority === "number" ? Math.min(Math.max(priority - 1, 0), others.length) : others.length
  return [...others.slice(0, at), one, ...others.slice(at)]
}

function acceptedPolicy(body: Body): Body {
  const name = textOf(body, "name")
  if (name === "" || name.length > 100) throw invalid("name", "name: must be between 1 and 100 characters")
  const { description } = body
  if (
    description !== undefined &&
    (typeof description !== "string" || description.length < 1 || description.length > 255)
  )
    throw invalid("description", "description: must be between 1 and 255 characters")
  if (body.type !== "OAUTH_AUTHORIZATION_POLICY") throw invalid("type", "type: not supported")
  if (listOf(partOf(partOf(body, "conditions"), "clients"), "include").length === 0)
    throw invalid("conditions", "conditions.clients: must not be empty")
  return body
}

function acceptedRule(body: Body, server: FakeServer): Body {
  const conditions = partOf(body, "conditions")
  const scopes = listOf(partOf(conditions, "scopes"), "include")
  const minutes = partOf(partOf(body, "actions"), "token").accessTokenLifetimeMinutes
  if (textOf(body, "name") === "") throw invalid("name", "name: The field cannot be left blank")
  if (listOf(partOf(conditions, "grantTypes"), "include").length === 0)
    throw invalid("conditions", "conditions.grantTypes: must not be empty")
  if (!isObject(conditions.people)) throw invalid("conditions", "conditions.people: must not be empty")
  const unknown = scopes.filter((one) => one !== "*" && !server.scopes.some(({ body: { name } }) => name === one))
  if (scopes.length === 0 || unknown.length > 0) throw invalid("conditions", `conditions.scopes: ${unknown.join(" ")}`)
  if (!Number.isInteger(minutes) || Number(minutes) < lifeMinutes.min || Number(minutes) > lifeMinutes.max)
    throw invalid("actions", "accessTokenLifetimeMinutes: must be between 5 minutes and 24 hours")
  return body
}
