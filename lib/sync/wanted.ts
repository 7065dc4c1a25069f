import "server-only"
import type { DesiredObject, Note } from "../connectors/objects.ts"
import type { Connector } from "../connectors/port.ts"
import { desiredState } from "../registry/desired/store.ts"
import { idOf } from "./normal.ts"

/** What the registry wants on one provider. */
export interface Wanted {
  /** In the registry's words. */
  readonly registry: readonly DesiredObject[]
  /** As this provider can hold it: what plan, apply and drift compare. */
  readonly objects: readonly DesiredObject[]
  readonly notes: readonly Note[]
  /** What is wanted and becomes no object there. */
  readonly notHeld: readonly DesiredObject[]
}

export const wantedOn = async (providerId: string, connector: Connector, now: Date): Promise<Wanted> =>
  asHeld(await desiredState(providerId, now), connector)

/** The registry's wish as this kind of provider can hold it. */
export function asHeld(registry: readonly DesiredObject[], connector: Connector): Wanted {
  const { objects, notes } = connector.shape(registry)
  const held = new Set(objects.map(idOf))
  return { registry, objects, notes, notHeld: registry.filter((object) => !held.has(idOf(object))) }
}
