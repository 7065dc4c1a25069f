import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { splitGrantKey } from "../connectors/objects.ts"
import { disableClient } from "../registry/clients/commands.ts"
import type { ClientView } from "../registry/schema.ts"
import { createPlan, type PlanFocus } from "./create-plan.ts"
import type { PlanWire } from "./schema.ts"
import { applyPlan } from "./start-apply.ts"
import { realWorld, type SyncWorld } from "./world.ts"

/**
 * The kill switch: disables the client in the registry, then plans and applies just that. Where a provider has no switch
 * and disabling means deleting (its `shape` says so), the client goes with its grants: this command is the yes to that.
 * Who may not apply is refused before anything is written. 403 `step_up_needed` before a delete, 404, 503 when a provider
 * cannot be read: the client is disabled then, and the next plan tells.
 */
export async function stopClient(
  actor: Actor,
  id: string,
  world?: SyncWorld,
): Promise<{ client: ClientView; plan: PlanWire }> {
  authorize(actor, "plans:write")
  authorize(actor, "plans:apply")
  const client = await disableClient(actor, id)
  const plan = await planAndApply(actor, client.provider_ids, `Disable ${client.name}`, {
    only: ({ kind, key }, changes) =>
      kind === "client"
        ? key === client.name
        : kind === "grant" && splitGrantKey(key).client === client.name && goes(client.name, changes),
    deletes: true,
    ...(world ? { world } : {}),
  })
  return { client, plan }
}

/** Its grants change only together with it. */
const goes = (name: string, changes: Parameters<PlanFocus["only"]>[1]): boolean =>
  changes.some(({ kind, key, verb }) => kind === "client" && key === name && verb === "delete")

interface AtOnce {
  readonly only?: PlanFocus["only"]
  /** The act itself is the yes to deletes of what `only` names. */
  readonly deletes?: boolean
  readonly world?: SyncWorld
}

/**
 * Plans and applies at once, for acts such as "disable now". Only what `only` names, and never what needs a confirmation,
 * but deletes where the act means them. Answers the plan, `applying`; with nothing to do it is finished by the worker at once.
 */
export async function planAndApply(
  actor: Actor,
  providerIds: readonly string[],
  purpose: string,
  { only = () => true, deletes = false, world = realWorld() }: AtOnce = {},
): Promise<PlanWire> {
  authorize(actor, "plans:apply")
  const focus: PlanFocus = {
    only: (object, changes) =>
      only(object, changes) && (!needsYes(object) || (deletes && "verb" in object && object.verb === "delete")),
  }
  const made = await createPlan(actor, { provider_ids: [...providerIds], purpose }, world, focus)
  const confirm = made.changes.filter((change) => change.needs_confirmation).map((change) => change.id)
  return applyPlan(actor, made.id, { confirm, beyond_limit: confirm.length > 0 })
}

const needsYes = (object: object): boolean => "needsConfirmation" in object && object.needsConfirmation === true
