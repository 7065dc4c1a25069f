import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { Invalid, notFound, Unavailable } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { splitGrantKey, type RemoteObject } from "../connectors/objects.ts"
import { db } from "../db/client.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { adoptObjects, unusable } from "./adopt.ts"
import { importAdopted, importFound } from "./columns.ts"
import { idOf, scopeNames } from "./normal.ts"
import { isProposal, withProposals } from "./proposals.ts"
import { observe, saveRead } from "./read.ts"
import { realWorld, type SyncWorld } from "./world.ts"

export interface FoundWire {
  readonly kind: "client" | "audience"
  readonly key: string
  /** Null: a proposal. The provider has no object for it, but grants that name it. */
  readonly remote_id: string | null
  readonly grants: readonly { readonly client: string; readonly audience: string; readonly scopes: readonly string[] }[]
}

export interface ImportWire {
  readonly id: string
  readonly provider_id: string
  readonly found: readonly FoundWire[]
  readonly adopted: readonly string[]
  readonly created_by: string
  readonly created_at: string
}

/** Pure: the clients and audiences among `open`, each with all grants of the provider that hang on it. */
function withGrants(open: readonly RemoteObject[], remote: readonly RemoteObject[]): FoundWire[] {
  const grants = remote
    .filter((object) => object.kind === "grant")
    .map((grant) => ({ ...splitGrantKey(grant.key), scopes: scopeNames(grant.fields) }))
  const byClient = Map.groupBy(grants, ({ client }) => client)
  const byAudience = Map.groupBy(grants, ({ audience }) => audience)
  return open.flatMap((object): FoundWire[] => {
    if (object.kind === "grant") return []
    const own = (object.kind === "client" ? byClient : byAudience).get(object.key) ?? []
    const remote_id = isProposal(object) ? null : object.remoteId
    return [{ kind: object.kind, key: object.key, remote_id, grants: own }]
  })
}

/**
 * Those that nobody manages yet. What stands on the provider is managed where it has a placement, whatever the registry
 * knows; a proposal stands nowhere, so it is where the registry has the audience.
 */
async function unmanaged(
  through: Tx | ReturnType<typeof db>,
  providerId: string,
  objects: readonly RemoteObject[],
): Promise<RemoteObject[]> {
  const placements = await through.placement.findMany({ where: { providerId }, select: { kind: true, key: true } })
  const placed = new Set(placements.map(idOf))
  const rows = await through.audience.findMany({
    where: { identifier: { in: objects.filter(isProposal).map(({ key }) => key) } },
    select: { identifier: true },
  })
  const known = new Set(rows.map(({ identifier }) => identifier))
  return objects.filter((object) => (isProposal(object) ? !known.has(object.key) : !placed.has(idOf(object))))
}

/** Reads a provider and keeps what it holds, so that a person can choose what to adopt. Changes nothing there. 404, 503. */
export async function importProvider(
  actor: Actor,
  providerId: string,
  world: SyncWorld = realWorld(),
): Promise<ImportWire> {
  authorize(actor, "providers:write")
  const provider = await db().provider.findUnique({ where: { id: providerId }, select: { id: true, name: true } })
  if (!provider) throw notFound("provider", providerId)
  const observation = await observe(providerId, world).catch((error: unknown) => {
    if (!(error instanceof ConnectorError)) throw error
    throw new Unavailable(
      "provider_unavailable",
      `${provider.name} could not be read (${error.code}): ${error.message}`,
      5,
      { cause: error },
    )
  })
  await saveRead(providerId, observation)
  const id = newId()
  await withTx(async (tx) => {
    await tx.import.create({
      data: { id, providerId, found: observation.remote as unknown as Prisma.InputJsonValue, createdBy: actor.name },
    })
    await record(tx, {
      actor,
      action: "provider.import",
      target: { kind: "provider", id: provider.id, name: provider.name },
      after: { import_id: id, objects: observation.remote.length },
    })
  })
  return loadImport(id)
}

export async function getImport(actor: Actor, id: string): Promise<ImportWire> {
  authorize(actor, "providers:read")
  return loadImport(id)
}

async function loadImport(id: string): Promise<ImportWire> {
  const row = await db().import.findUnique({ where: { id } })
  if (!row) throw notFound("import", id)
  const remote = withProposals(importFound(row.found))
  return {
    id,
    provider_id: row.providerId,
    found: withGrants(await unmanaged(db(), row.providerId, remote), remote),
    adopted: importAdopted(row.adopted),
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
  }
}

/** Forgets what was found. What was adopted stays adopted. */
export async function deleteImport(actor: Actor, id: string): Promise<void> {
  authorize(actor, "providers:write")
  await withTx(async (tx) => {
    const row = await tx.import.findUnique({
      where: { id },
      select: { providerId: true, provider: { select: { name: true } } },
    })
    if (!row) throw notFound("import", id)
    await tx.import.delete({ where: { id } })
    await record(tx, {
      actor,
      action: "import.delete",
      target: { kind: "provider", id: row.providerId, name: row.provider.name },
      before: { import_id: id },
    })
  })
}

/**
 * Takes the named clients and audiences over as they are: registry rows, placements of origin `adopted`, a client's grants
 * and their audiences with it. Nothing is written to the provider, and the first plan after it is empty. A key that is
 * managed already changes nothing. 404, 422 for keys that were not found or that the registry cannot hold.
 */
export async function adoptImport(
  actor: Actor,
  id: string,
  keys: readonly string[],
): Promise<ImportWire & { newly_adopted: readonly string[] }> {
  authorize(actor, "providers:write")
  const newly = await withTx(async (tx) => {
    await tx.$queryRaw`select 1 from import where id = ${id}::uuid for update`
    const row = await tx.import.findUnique({ where: { id }, include: { provider: { select: { name: true } } } })
    if (!row) throw notFound("import", id)
    const remote = withProposals(importFound(row.found))
    const objects = chosen(remote, keys)
    const free = await unmanaged(tx, row.providerId, objects)
    const changes = await adoptObjects(tx, actor, row.providerId, free)
    const adopted = [...new Set([...importAdopted(row.adopted), ...free.map(idOf)])]
    await tx.import.update({ where: { id }, data: { adopted } })
    await record(
      tx,
      {
        actor,
        action: "placement.adopt",
        target: { kind: "provider", id: row.providerId, name: row.provider.name },
        after: { import_id: id, adopted: free.map(idOf) },
      },
      ...changes,
    )
    return free.map(idOf)
  })
  return { ...(await loadImport(id)), newly_adopted: newly }
}

/** Pure: the objects behind the keys, with what they cannot stand without. Throws Invalid. */
function chosen(remote: readonly RemoteObject[], keys: readonly string[]): RemoteObject[] {
  const ends = Map.groupBy(
    remote.filter(({ kind }) => kind !== "grant"),
    ({ key }) => key,
  )
  const errors = keys.flatMap((key, i) => {
    const named = ends.get(key)
    if (!named) return [{ path: `keys.${i}`, code: "not_found", message: `The import has found nothing named ${key}.` }]
    return named.flatMap((object) =>
      unusable(object).map((why) => ({ path: `keys.${i}`, code: "unusable", message: why })),
    )
  })
  if (errors.length > 0) throw new Invalid(errors)
  const clients = new Set(keys.filter((key) => ends.get(key)?.some(({ kind }) => kind === "client")))
  const isAudience = (key: string) => ends.get(key)?.some(({ kind }) => kind === "audience") ?? false
  const grants = remote.filter(
    (object) =>
      object.kind === "grant" &&
      clients.has(splitGrantKey(object.key).client) &&
      isAudience(splitGrantKey(object.key).audience),
  )
  const audiences = new Set([...keys, ...grants.map((grant) => splitGrantKey(grant.key).audience)])
  return remote.filter((object) =>
    object.kind === "audience"
      ? audiences.has(object.key)
      : object.kind === "client"
        ? clients.has(object.key)
        : grants.includes(object),
  )
}
