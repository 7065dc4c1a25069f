import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { conflict, invalid, type Invalid } from "../base/errors.ts"
import { outgoing } from "../base/http.ts"
import { idOfWords, newId } from "../base/id.ts"
import { log } from "../base/log.ts"
import { redactError } from "../base/redact.ts"
import { setUpRealm, setupInput, type SetUp } from "../connectors/keycloak/setup.ts"
import { ConnectorError, type ConnectorErrorCode } from "../connectors/connector-error.ts"
import type { Opened } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"
import { withTx } from "../db/tx.ts"
import { withLease } from "../queue/lease.ts"
import type { TrailAction } from "../trail/actions.ts"
import { record } from "../trail/record.ts"
import { createProvider } from "./commands.ts"
import { providerInput, toWire, type ProviderWire } from "./schema.ts"
import { openSettings } from "./settings.ts"

/** The realm's and the administrator's side, and what the provider is called here. */
export const keycloakSetupInput = z.strictObject({
  ...setupInput.shape,
  name: providerInput.shape.name,
  environment: providerInput.shape.environment,
})
export type KeycloakSetupInput = z.infer<typeof keycloakSetupInput>

/** `done` and `lacking` are sentences. The client's secret is sealed with the provider and answered to nobody. */
export type KeycloakSetupWire = Pick<SetUp, "done" | "lacking"> & { readonly provider: ProviderWire }

/**
 * Makes a realm ready for Grantry with an administrator's credentials and connects it. The credentials live for these
 * calls only: they are neither stored nor logged nor in the trail, which keeps what was begun before anything is written
 * there. 409 `name_taken`, `set_up_running`; 422 beside the field that Keycloak refused; ConnectorError else. After a
 * failure or a kill trying again goes on from what stands: a client of ours whose secret nobody has is made anew.
 */
export async function setUpKeycloak(
  actor: Actor,
  { name, environment, ...input }: KeycloakSetupInput,
  fetch: Opened["fetch"] = outgoing(),
): Promise<KeycloakSetupWire> {
  authorize(actor, "providers:write")
  if ((await db().provider.count({ where: { name } })) > 0)
    throw conflict("name_taken", `There is a provider named ${name} already.`, { name })
  const { realm, client_id } = input
  // One at a time for each client, so that a client of a run before this one is nobody's who still works on it. By which
  // address the server is called makes no other client of it.
  const run = await withLease(idOfWords("provider.set_up", realm, client_id), () =>
    setUp(actor, { name, environment, ...input }, fetch),
  )
  if (run.busy) {
    const message = `The client ${client_id} of the realm ${realm} is being set up right now. Try again in a moment.`
    throw conflict("set_up_running", message, { realm, client_id })
  }
  return run.result
}

async function setUp(
  actor: Actor,
  { name, environment, ...input }: KeycloakSetupInput,
  fetch: Opened["fetch"],
): Promise<KeycloakSetupWire> {
  const { admin, ...plain } = input
  const by = "username" in admin ? admin.username : admin.client_id
  const id = newId()
  const trail = (action: TrailAction, more: Readonly<Record<string, unknown>> = {}) => {
    const target = { kind: targetKind, id, name }
    return withTx((tx) => record(tx, { actor, action, target, after: { ...plain, administrator: by, ...more } }))
  }
  const failed = (more: Readonly<Record<string, unknown>>) =>
    trail("provider.set_up_failed", more).catch((error: unknown) =>
      // What went wrong before is what the person has to know.
      log.error({ set_up_id: id, ...more, error: redactError(error) }, "the trail lacks that a set-up failed"),
    )
  await trail("provider.set_up")
  const made = await setUpRealm(fetch, input, { id, abandoned: (before) => abandoned(before, input) }).catch(
    async (error: unknown) => {
      if (!(error instanceof ConnectorError)) throw error
      await failed({ code: error.code, step: error.step })
      throw besideField(error)
    },
  )
  const settings = { ...made.settings }
  const provider = await createProvider(actor, { kind: "keycloak", name, environment, settings }).catch(
    async (error: unknown) => {
      const doubt = isDatabaseTrouble(error)
      const stands = doubt ? await connected(name, made.settings).catch(() => null) : null
      if (stands) return stands
      // In doubt the client stays: the provider may stand after all, and without it nothing there works.
      const undone =
        !doubt &&
        (await made.undo().then(
          () => true,
          () => false,
        ))
      await failed({ step: "connect the realm", client_left_behind: undone ? null : made.settings.client_id })
      throw error
    },
  )
  return { provider, done: made.done, lacking: made.lacking }
}

const targetKind = "provider_setup"

/** The provider of this name, if it has the very secret that was just made: its commit stands, only the answer was lost. */
async function connected(name: string, { client_secret }: SetUp["settings"]): Promise<ProviderWire | null> {
  const row = await db().provider.findUnique({ where: { name } })
  return row && openSettings(row).client_secret === client_secret ? toWire(row) : null
}

/**
 * A set-up of ours, by the trail, whose client no provider of ours has: its secret died with it. The provider that it made
 * may have another name and address by now; one that was connected by hand is known by what it calls the client.
 */
async function abandoned(
  setUpId: string,
  at: Readonly<Record<"base_url" | "realm" | "client_id", string>>,
): Promise<boolean> {
  const action: TrailAction = "provider.set_up"
  const begun = await db().trailEntry.findFirst({ where: { action, targetKind, targetId: setUpId } })
  if (!begun) return false
  const providers = await db().trailEntry.findMany({
    where: { action: "provider.create" satisfies TrailAction, targetName: begun.targetName, seq: { gt: begun.seq } },
    select: { targetId: true },
  })
  const same = (["base_url", "realm", "client_id"] as const).map((field) => ({
    settings: { path: [field], equals: at[field] },
  }))
  const ids = providers.map(({ targetId }) => targetId)
  return (await db().provider.count({ where: { OR: [{ id: { in: ids } }, { kind: "keycloak", AND: same }] } })) === 0
}

const fields: Partial<Record<ConnectorErrorCode, string>> = {
  auth_failed: "admin",
  forbidden: "admin",
  not_found: "realm",
  conflict: "client_id",
  invalid: "realm",
}

function besideField(error: ConnectorError): Invalid | ConnectorError {
  const path = fields[error.code]
  return path === undefined ? error : invalid(path, `provider_${error.code}`, error.message)
}
