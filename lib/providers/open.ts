import "server-only"
import { notFound } from "../base/errors.ts"
import { outgoing, resolveOf } from "../base/http.ts"
import type { Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { fingerprint } from "../vault/fingerprint.ts"
import { memoryOf } from "./memory.ts"
import { paced } from "./pace.ts"
import { availableKind, openSettings } from "./settings.ts"

/** How a room gets the connector of a configured provider. Tests hand in their own. */
export type OpenConnector = (providerId: string) => Promise<Connector>

/** Opens a configured provider with its secrets and the guarded fetch. 404, 422 `kind_not_available`. */
export const openConnector: OpenConnector = async (providerId) => {
  const row = await db().provider.findUnique({
    where: { id: providerId },
    select: { id: true, kind: true, settings: true, sealedSettings: true },
  })
  if (!row) throw notFound("provider", providerId)
  const kind = availableKind(row.kind)
  return kind.open({
    providerId,
    settings: kind.settings.parse(openSettings(row)),
    fetch: paced(providerId, outgoing()),
    resolve: resolveOf(outgoing()),
    memory: memoryOf(providerId),
    fingerprint,
  })
}
