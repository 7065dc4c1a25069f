import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { disableClient } from "../registry/clients/commands.ts"
import type { ClientView } from "../registry/schema.ts"
import { createPlan, type PlanFocus } from "./create-plan.ts"
import type { PlanWire } from "./schema.ts"
import { applyPlan } from "./start-apply.ts"
import { realWorld, type SyncWorld } from "./world.ts"

/**
 * The kill switch: disables the client in the registry, then plans and applies just that. Who may not apply is refused
 * before anything is written. 404, 503 when a provider cannot be read: the client is disabled then, and the next plan tells.
 */
export async function stopClient(actor: Actor, id: string): Promise<{ client: ClientView; plan: PlanWire }> {
  authorize(actor, "plans:write")
  authorize(actor, "plans:apply")
  const client = await disableClient(actor, id)
  const plan = await planAndApply(actor, client.provider_ids, `Disable ${client.name}`, {
    only: [{ kind: "client", key: client.name }],
  })
  return { client, plan }
}

/**
 * Plans and applies at once, for acts such as "disable now". Only what `only` names, and never what needs a confirmation.
 * Answers the plan, `applying`; with nothing to do it is finished by the worker at once.
 */
export async function planAndApply(
  actor: Actor,
  providerIds: readonly string[],
  purpose: string,
  options: { only?: readonly { kind: string; key: string }[]; world?: SyncWorld } = {},
): Promise<PlanWire> {
  authorize(actor, "plans:apply")
  const named = options.only && new Set(options.only.map(({ kind, key }) => `${kind} ${key}`))
  const focus: PlanFocus = {
    only: (object) =>
      (!named || named.has(`${object.kind} ${object.key}`)) &&
      !("needsConfirmation" in object && object.needsConfirmation === true),
  }
  const made = await createPlan(actor, { provider_ids: [...providerIds], purpose }, options.world ?? realWorld(), focus)
  return applyPlan(actor, made.id, { confirm: [], beyond_limit: false })
}
