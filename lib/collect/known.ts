import "server-only"
import type { Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import type { NormalizeContext } from "../normalize/context.ts"
import { appliedState } from "../sync/store.ts"
import { namesOf } from "./names.ts"

const known = new Map<string, { readonly stamp: string; readonly names: NormalizeContext }>()

/** The names of one provider, read again only when its placements changed. */
export async function knownNames(
  provider: { readonly id: string; readonly name: string },
  connector: Connector,
): Promise<NormalizeContext> {
  const { _count, _max } = await db().placement.aggregate({
    where: { providerId: provider.id },
    _count: true,
    _max: { appliedAt: true },
  })
  const stamp = JSON.stringify([provider.name, _count, _max.appliedAt])
  const held = known.get(provider.id)
  if (held?.stamp === stamp) return held.names
  const names = namesOf(provider.name, await appliedState(provider.id), (client) => connector.clientIdOf(client))
  known.set(provider.id, { stamp, names })
  return names
}
