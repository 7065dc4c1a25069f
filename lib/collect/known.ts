import "server-only"
import type { Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import type { NormalizeContext } from "../normalize/context.ts"
import { appliedState } from "../sync/store.ts"
import { namesOf } from "./names.ts"

const known = new Map<string, { readonly stamp: string; readonly names: NormalizeContext }>()

/** The names of one provider, read again only when its settings or its placements changed. */
export async function knownNames(
  provider: { readonly id: string; readonly name: string },
  connector: Connector,
): Promise<NormalizeContext> {
  const stamp = `${provider.name} ${await stampOf(provider.id)}`
  const held = known.get(provider.id)
  if (held?.stamp === stamp) return held.names
  const names = namesOf(provider.name, await appliedState(provider.id), (client) => connector.clientIdOf(client))
  known.set(provider.id, { stamp, names })
  return names
}

/**
 * Another text after any write of these rows, whoever made it: a row's `xmin` is the transaction that wrote it last
 * (PostgreSQL 18 manual, section 5.6).
 */
async function stampOf(providerId: string): Promise<string> {
  const [row] = await db().$queryRaw<{ stamp: string }[]>`
    select concat_ws(' ', p.version, (
      select concat(count(*), ' ', sum(hashtextextended(concat(o.id, ' ', o.xmin), 0)))
      from placement o where o.provider_id = p.id
    )) as stamp
    from provider p where p.id = ${providerId}::uuid`
  return row?.stamp ?? ""
}
