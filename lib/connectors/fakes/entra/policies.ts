import { randomUUID } from "node:crypto"
import { z } from "zod"
import type { Route } from "../base/server.ts"
import { bad, bodyOf, linkBody, missing, paged, policyBody, policyPatchBody } from "./law.ts"
import { seen, type FakePolicy, type Tenant } from "./state.ts"
import { read, type Callers } from "./callers.ts"

const needed = ["Policy.ReadWrite.ApplicationConfiguration", "Policy.Read.All"]

const lifetime = z.object({
  TokenLifetimePolicy: z.object({ Version: z.literal(1), AccessTokenLifetime: z.string() }),
})

/** Seconds of `d.hh:mm:ss` or `h:mm:ss`: 10 minutes to a day. Throws Refused 400. */
export function secondsOf(definition: readonly string[]): number {
  const read = lifetime.safeParse(JSON.parse(definition[0] ?? "null"))
  const parts = /^(?:(\d+)\.)?(\d+):(\d\d):(\d\d)$/.exec(read.data?.TokenLifetimePolicy.AccessTokenLifetime ?? "")
  const [d = 0, h = 0, m = 0, s = 0] = (parts ?? []).slice(1).map((part) => Number(part ?? 0))
  const seconds = d * 86_400 + h * 3_600 + m * 60 + s
  if (!parts || seconds < 600 || seconds > 86_400) throw bad("Property definition has an invalid value.")
  return seconds
}

export function policyRoutes(tenant: Tenant, who: Callers): readonly Route[] {
  const shown = (policy: FakePolicy) => ({ deletedDateTime: null, description: null, ...policy })
  const byId = (id: string | undefined): FakePolicy => {
    const found = tenant.policies.get(id ?? "")
    if (!found) throw missing()
    return found
  }
  const linked = (id: string | undefined): string[] => {
    const app = seen(tenant.apps.get(id ?? ""))
    if (!app) throw missing()
    return tenant.links.get(app.id) ?? []
  }
  const path = "/v1.0/policies/tokenLifetimePolicies"

  return [
    {
      method: "GET",
      path,
      async run(request) {
        await who(request, needed)
        return paged(tenant, request, [...tenant.policies.values()].map(shown))
      },
    },
    {
      method: "POST",
      path,
      async run(request) {
        await who(request, needed)
        const body = bodyOf(request, policyBody)
        secondsOf(body.definition)
        const made = { id: randomUUID(), ...body }
        tenant.policies.set(made.id, made)
        return { status: 201, json: shown(made) }
      },
    },
    {
      method: "PATCH",
      path: `${path}/:id`,
      async run(request) {
        await who(request, needed)
        const policy = byId(request.params.id)
        const body = bodyOf(request, policyPatchBody)
        if (body.definition) secondsOf(body.definition)
        policy.definition = body.definition ?? policy.definition
        policy.displayName = body.displayName ?? policy.displayName
        return { status: 204 }
      },
    },
    {
      method: "DELETE",
      path: `${path}/:id`,
      async run(request) {
        await who(request, needed)
        const { id } = byId(request.params.id)
        tenant.policies.delete(id)
        for (const [app, ids] of tenant.links)
          tenant.links.set(
            app,
            ids.filter((one) => one !== id),
          )
        return { status: 204 }
      },
    },
    {
      method: "GET",
      path: "/v1.0/applications/:id/tokenLifetimePolicies",
      async run(request) {
        await who(request, [...needed])
        const ids = linked(request.params.id)
        return paged(tenant, request, ids.flatMap((id) => tenant.policies.get(id) ?? []).map(shown))
      },
    },
    {
      method: "POST",
      path: "/v1.0/applications/:id/tokenLifetimePolicies/$ref",
      async run(request) {
        await who(request, needed)
        const now = linked(request.params.id)
        const { id } = byId(bodyOf(request, linkBody)["@odata.id"].split("/").at(-1))
        if (now.length > 0) throw bad("A policy of this type is assigned already.")
        tenant.links.set(request.params.id ?? "", [id])
        return { status: 204 }
      },
    },
    {
      method: "DELETE",
      path: "/v1.0/applications/:id/tokenLifetimePolicies/:policy/$ref",
      async run(request) {
        await who(request, read)
        const now = linked(request.params.id)
        if (!now.includes(request.params.policy ?? "")) throw missing()
        tenant.links.set(
          request.params.id ?? "",
          now.filter((one) => one !== request.params.policy),
        )
        return { status: 204 }
      },
    },
  ]
}
