import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { notFound } from "../base/errors.ts"
import { outgoing } from "../base/http.ts"
import { newId } from "../base/id.ts"
import { forgetfulMemory } from "../connectors/memory.ts"
import type { Opened } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { fingerprint } from "../vault/fingerprint.ts"
import { tested, type TestedWire } from "./queries.ts"
import { availableKind, openSettings, parseSettings, requireSecretsAgain } from "./settings.ts"

/** `provider_id`: the settings change those of that provider; what is not named is what it holds. */
export const trialInput = z.strictObject({
  kind: z.string().min(1).max(40),
  settings: z.record(z.string(), z.unknown()).default({}),
  provider_id: z.uuid().optional(),
})
export type TrialInput = z.infer<typeof trialInput>

/**
 * Tries settings before they are saved: calls the provider with them and says what works, check by check. Stores nothing,
 * here or there. What a provider remembers is left out, so that nothing of it can reach another host.
 * 404 for an unknown provider, 422 with paths below `settings`.
 */
export async function trySettings(
  actor: Actor,
  input: TrialInput,
  fetch: Opened["fetch"] = outgoing(),
): Promise<TestedWire> {
  authorize(actor, "providers:write")
  const kind = availableKind(input.kind)
  const settings = parseSettings(kind, { ...(await held(input)), ...input.settings })
  const providerId = input.provider_id ?? newId()
  return tested(kind.open({ providerId, settings, fetch, memory: forgetfulMemory(), fingerprint }))
}

async function held({ kind, settings, provider_id: id }: TrialInput): Promise<Record<string, unknown>> {
  if (id === undefined) return {}
  const row = await db().provider.findUnique({
    where: { id },
    select: { id: true, kind: true, settings: true, sealedSettings: true },
  })
  if (!row || row.kind !== kind) throw notFound("provider", id)
  requireSecretsAgain(availableKind(kind), row, settings)
  return openSettings(row)
}
