import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { conflict, invalid, type Invalid } from "../base/errors.ts"
import { outgoing } from "../base/http.ts"
import { newId } from "../base/id.ts"
import { setUpRealm, setupInput, type SetUp } from "../connectors/keycloak/setup.ts"
import { ConnectorError, type ConnectorErrorCode, type Opened } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import type { TrailAction } from "../trail/actions.ts"
import { record } from "../trail/record.ts"
import { createProvider } from "./commands.ts"
import { providerInput, type ProviderWire } from "./schema.ts"

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
 * there. 409 `name_taken`; 422 beside the field that Keycloak refused; ConnectorError else. After a failure the realm
 * stays as it is, without a client of ours whose secret nobody has, and trying again goes on from what stands.
 */
export async function setUpKeycloak(
  actor: Actor,
  { name, environment, ...input }: KeycloakSetupInput,
  fetch: Opened["fetch"] = outgoing(),
): Promise<KeycloakSetupWire> {
  authorize(actor, "providers:write")
  if ((await db().provider.count({ where: { name } })) > 0)
    throw conflict("name_taken", `There is a provider named ${name} already.`, { name })
  const { admin, ...plain } = input
  const by = "username" in admin ? admin.username : admin.client_id
  const trail = traced(actor, name, { ...plain, administrator: by })
  await trail("provider.set_up")
  const made = await setUpRealm(fetch, input).catch(async (error: unknown) => {
    if (!(error instanceof ConnectorError)) throw error
    await trail("provider.set_up_failed", { code: error.code, step: error.step })
    throw besideField(error)
  })
  const provider = await createProvider(actor, {
    kind: "keycloak",
    name,
    environment,
    settings: { ...made.settings },
  }).catch(async (error: unknown) => {
    const left = await made.undo().then(
      () => null,
      () => made.settings.client_id,
    )
    await trail("provider.set_up_failed", { step: "connect the realm", client_left_behind: left })
    throw error
  })
  return { provider, done: made.done, lacking: made.lacking }
}

function traced(actor: Actor, name: string, asked: Readonly<Record<string, unknown>>) {
  const target = { kind: "provider_setup", id: newId(), name }
  return (action: TrailAction, more: Readonly<Record<string, unknown>> = {}) =>
    withTx((tx) => record(tx, { actor, action, target, after: { ...asked, ...more } }))
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
