import "server-only"
import { Invalid, invalid } from "../base/errors.ts"
import { isId } from "../base/id.ts"
import type { Tx } from "../db/tx.ts"

/** Every id must name a configured provider. Throws Invalid that names each one that does not. */
export async function requireProviders(tx: Tx, providerIds: readonly string[]): Promise<void> {
  if (providerIds.length === 0) return
  const known = new Set(
    (await tx.provider.findMany({ where: { id: { in: [...providerIds] } }, select: { id: true } })).map((p) => p.id),
  )
  const missing = providerIds.flatMap((id, i) =>
    known.has(id.toLowerCase())
      ? []
      : [{ path: `provider_ids.${i}`, code: "unknown_provider", message: `There is no provider ${id}.` }],
  )
  if (missing.length > 0) throw new Invalid(missing)
}

/** A client by id or name, held against deletion until the commit. Throws Invalid on `client`. */
export async function holdClient(tx: Tx, reference: string): Promise<{ id: string; name: string }> {
  const rows = isId(reference)
    ? await tx.$queryRaw<
        { id: string; name: string }[]
      >`select id, name from client where id = ${reference}::uuid or name = ${reference} order by (id = ${reference}::uuid) desc limit 1 for share`
    : await tx.$queryRaw<
        { id: string; name: string }[]
      >`select id, name from client where name = ${reference} for share`
  const row = rows[0]
  if (!row) throw invalid("client", "unknown_client", `There is no client ${reference}.`)
  return row
}

/** An audience by id or identifier with its scopes, both held until the commit. Throws Invalid on `audience`. */
export async function holdAudience(
  tx: Tx,
  reference: string,
): Promise<{ id: string; identifier: string; name: string; scopes: ReadonlyMap<string, string> }> {
  const rows = isId(reference)
    ? await tx.$queryRaw<
        { id: string; identifier: string; name: string }[]
      >`select id, identifier, name from audience where id = ${reference}::uuid or identifier = ${reference} order by (id = ${reference}::uuid) desc limit 1 for share`
    : await tx.$queryRaw<
        { id: string; identifier: string; name: string }[]
      >`select id, identifier, name from audience where identifier = ${reference} for share`
  const row = rows[0]
  if (!row) throw invalid("audience", "unknown_audience", `There is no audience ${reference}.`)
  const scopes = await tx.scope.findMany({ where: { audienceId: row.id }, select: { id: true, name: true } })
  return { ...row, scopes: new Map(scopes.map((s) => [s.name, s.id])) }
}

/** Ids of the named scopes. Throws Invalid on each name that the audience does not have. */
export function scopeIds(
  audience: { readonly identifier: string; readonly scopes: ReadonlyMap<string, string> },
  names: readonly string[],
): string[] {
  const ids: string[] = []
  const errors = names.flatMap((name, i) => {
    const id = audience.scopes.get(name)
    if (id !== undefined) ids.push(id)
    return id === undefined
      ? [
          {
            path: `scopes.${i}`,
            code: "unknown_scope",
            message: `${audience.identifier} has no scope ${JSON.stringify(name)}.`,
          },
        ]
      : []
  })
  if (errors.length > 0) throw new Invalid(errors)
  return ids
}
