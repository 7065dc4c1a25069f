import "server-only"
import type { Actor } from "../../auth/actor.ts"
import { authorize } from "../../auth/permissions.ts"
import { conflict } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import { canonicalJson } from "../../base/json.ts"
import { requireVersion } from "../../base/version.ts"
import { isUniqueViolation } from "../../db/trouble.ts"
import { withTx, type Tx } from "../../db/tx.ts"
import { record } from "../../trail/record.ts"
import { requireProviders } from "../references.ts"
import type { ClientInput, ClientPatch, ClientView } from "../schema.ts"
import { shareRegistry } from "../turn.ts"
import { clientChanges, clientFacts, clientTarget, patched } from "./rules.ts"
import { refuseRotating } from "./rotating.ts"
import { insertClients, lockClient, reloadClient, updateClient } from "./store.ts"

const exists = (name: string) => conflict("client_exists", `There is a client ${name} already.`, { name })

/** Registers a service client. Refuses `client_exists` (409), an unknown provider (422). */
export async function createClient(actor: Actor, input: ClientInput): Promise<ClientView> {
  authorize(actor, "registry:write")
  const facts = { ...input, id: newId(), display_name: input.display_name ?? input.name }
  try {
    return await withTx(async (tx) => {
      await shareRegistry(tx)
      if (await tx.client.findUnique({ where: { name: input.name }, select: { id: true } })) throw exists(input.name)
      await requireProviders(tx, input.provider_ids)
      await insertClients(tx, [facts])
      const client = await reloadClient(tx, facts.id)
      await record(tx, { actor, action: "client.create", target: clientTarget(client), after: clientFacts(client) })
      return client
    })
  } catch (error) {
    // Two at once: the index decides.
    throw isUniqueViolation(error) ? exists(input.name) : error
  }
}

/** Changes what the patch names. Refuses 412 `stale`, 409 `name_is_permanent`, 422. A patch that changes nothing writes nothing. */
export async function saveClient(
  actor: Actor,
  id: string,
  patch: ClientPatch,
  ifMatch: number | null,
): Promise<ClientView> {
  authorize(actor, "registry:write")
  return withTx(async (tx) => {
    const before = await lockClient(tx, id)
    requireVersion(ifMatch, before.version)
    return changeClient(tx, actor, before, patch)
  })
}

/** The kill switch's registry half: no new tokens from the next apply on. Idempotent. lib/sync plans and applies it. */
export async function disableClient(actor: Actor, id: string): Promise<ClientView> {
  return saveClient(actor, id, { enabled: false }, null)
}

async function changeClient(tx: Tx, actor: Actor, before: ClientView, patch: ClientPatch): Promise<ClientView> {
  const facts = patched(clientFacts(before), patch)
  if (canonicalJson(facts) === canonicalJson(clientFacts(before))) return before
  await requireProviders(tx, facts.provider_ids)
  await updateClient(tx, before.id, before.version, facts)
  const after = await reloadClient(tx, before.id)
  await record(tx, ...clientChanges(actor, before, after))
  return after
}

/** Takes a client out of the registry; the next plan removes it from its providers. Refuses 409 with what hangs on it. */
export async function deleteClient(actor: Actor, id: string, ifMatch: number | null): Promise<void> {
  authorize(actor, "registry:write")
  await withTx(async (tx) => {
    const before = await lockClient(tx, id)
    requireVersion(ifMatch, before.version)
    await refuseGranted(tx, before)
    await refuseRotating(tx, [id])
    await tx.client.delete({ where: { id } })
    await record(tx, { actor, action: "client.delete", target: clientTarget(before), before: clientFacts(before) })
  })
}

async function refuseGranted(tx: Tx, client: ClientView): Promise<void> {
  const grants = await tx.grant.findMany({
    where: { clientId: client.id },
    select: { id: true, audience: { select: { identifier: true } } },
    take: 100,
    orderBy: { createdAt: "asc" },
  })
  if (grants.length > 0) {
    const held = grants.map((g) => ({ id: g.id, audience: g.audience.identifier }))
    throw conflict(
      "client_has_grants",
      `${client.name} still has ${grants.length === 1 ? "a grant" : `${grants.length} grants`}, on ${held[0]?.audience}${grants.length > 1 ? " and others" : ""}. Delete them first.`,
      { grants: held },
    )
  }
}
