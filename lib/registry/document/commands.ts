import "server-only"
import type { Actor } from "../../auth/actor.ts"
import { authorize } from "../../auth/permissions.ts"
import { sha256 } from "../../base/digest.ts"
import { conflict, Invalid, staleEtag } from "../../base/errors.ts"
import { newId } from "../../base/id.ts"
import { canonicalJson } from "../../base/json.ts"
import { db } from "../../db/client.ts"
import { withTx, type Tx } from "../../db/tx.ts"
import { record, type TrailChange } from "../../trail/record.ts"
import { insertAudiences, updateAudience } from "../audiences/store.ts"
import { refuseRotating } from "../clients/rotating.ts"
import { insertClients, updateClient } from "../clients/store.ts"
import { insertGrants, updateGrant } from "../grants/store.ts"
import { ownRegistry } from "../turn.ts"
import {
  changesBetween,
  grantName,
  pastEnds,
  readDocument,
  type DocumentChange,
  type RegistryDocument,
} from "./document.ts"
import { readRegistry, type Standing } from "./store.ts"

/** Names the content: the same registry has the same tag, whoever wrote it and when. */
const tagOf = (document: RegistryDocument): string =>
  `"${sha256(canonicalJson(document)).toString("base64url").slice(0, 22)}"`

export async function exportRegistry(actor: Actor): Promise<{ document: RegistryDocument; etag: string }> {
  authorize(actor, "registry:read")
  const { document } = await db().$transaction((tx) => readRegistry(tx), { isolationLevel: "RepeatableRead" })
  return { document, etag: tagOf(document) }
}

export interface Replaced {
  readonly dry_run: boolean
  readonly changes: readonly DocumentChange[]
}

/**
 * Makes the registry what the document says, as a whole and in one transaction, or not at all. What the document does not
 * hold is deleted. With `dryRun` nothing is written. Refuses 412 `stale` when `ifMatch` names another content, 422 with
 * every unusable field, 409 `rotation_in_flight` for a client that would go.
 */
export async function replaceRegistry(
  actor: Actor,
  raw: unknown,
  options: { dryRun: boolean; ifMatch: string | null },
  now = new Date(),
): Promise<Replaced & { etag: string }> {
  authorize(actor, "registry:write")
  return withTx(async (tx) => {
    await ownRegistry(tx)
    const standing = await readRegistry(tx)
    const etag = tagOf(standing.document)
    if (options.ifMatch !== null && options.ifMatch !== etag) throw staleEtag(etag)
    const { wanted, changes } = compare(standing, raw, now)
    if (options.dryRun || changes.length === 0) return { dry_run: options.dryRun, changes, etag }
    await write(tx, actor, standing, wanted, changes)
    await record(tx, ...changes.map((change) => trailOf(actor, standing, change)), {
      actor,
      action: "registry.replace",
      target: { kind: "registry", id: "registry", name: "registry" },
      after: countsOf(changes),
    })
    return { dry_run: false, changes, etag: tagOf(wanted) }
  })
}

export interface Compared {
  readonly document: RegistryDocument
  readonly changes: readonly DocumentChange[]
  /** Of the registry as it stands: as If-Match it makes sure that these very changes are written. */
  readonly etag: string
}

/** What a document would change, written nowhere: a reader may ask. 422 with every unusable field. */
export async function compareRegistry(actor: Actor, raw: unknown, now = new Date()): Promise<Compared> {
  authorize(actor, "registry:read")
  const standing = await db().$transaction((tx) => readRegistry(tx), { isolationLevel: "RepeatableRead" })
  const { wanted, changes } = compare(standing, raw, now)
  return { document: wanted, changes, etag: tagOf(standing.document) }
}

function compare(
  { document, providerIds }: Standing,
  raw: unknown,
  now: Date,
): { wanted: RegistryDocument; changes: readonly DocumentChange[] } {
  const wanted = readDocument(raw, new Set(providerIds.keys()))
  const past = pastEnds(document, wanted, now)
  if (past.length > 0) throw new Invalid(past)
  refusePermanent(document, wanted)
  return { wanted, changes: changesBetween(document, wanted) }
}

/** `legacy` says how the identifier was judged when it was made; like the identifier it stays. */
function refusePermanent(from: RegistryDocument, to: RegistryDocument): void {
  const had = new Map(from.audiences.map((a) => [a.identifier, a.legacy]))
  const changed = to.audiences.find((a) => had.has(a.identifier) && had.get(a.identifier) !== a.legacy)
  if (changed)
    throw conflict(
      "identifier_is_permanent",
      `Whether ${changed.identifier} is a legacy name was said when it was made, and stays.`,
      { identifier: changed.identifier },
    )
}

/** Grants let go before what they hang on goes, and come after what they need has come. */
async function write(
  tx: Tx,
  actor: Actor,
  standing: Standing,
  wanted: RegistryDocument,
  changes: readonly DocumentChange[],
): Promise<void> {
  const of = (verb: DocumentChange["verb"], kind: DocumentChange["kind"]) =>
    new Set(changes.filter((c) => c.verb === verb && c.kind === kind).map((c) => c.key))
  const idsOf = (keys: ReadonlySet<string>, rows: ReadonlyMap<string, { readonly id: string }>) =>
    [...keys].flatMap((key) => rows.get(key)?.id ?? [])
  const providerIds = (names: readonly string[]) => names.flatMap((name) => standing.providerIds.get(name) ?? []).sort()

  await tx.grant.deleteMany({ where: { id: { in: idsOf(of("delete", "grant"), standing.grants) } } })
  const changedGrants = wanted.grants.filter((g) => of("update", "grant").has(grantName(g)))
  for (const grant of changedGrants) {
    await tx.grantScope.deleteMany({
      where: {
        grantId: standing.grants.get(grantName(grant))?.id ?? "",
        scope: { name: { notIn: [...grant.scopes] } },
      },
    })
  }
  const goneClients = idsOf(of("delete", "client"), standing.clients)
  await refuseRotating(tx, goneClients)
  await tx.client.deleteMany({ where: { id: { in: goneClients } } })

  const newAudiences = of("create", "audience")
  const newClients = of("create", "client")
  await insertAudiences(
    tx,
    wanted.audiences
      .filter((a) => newAudiences.has(a.identifier))
      .map(({ providers, ...a }) => ({ ...a, id: newId(), provider_ids: providerIds(providers) })),
  )
  await insertClients(
    tx,
    wanted.clients
      .filter((c) => newClients.has(c.name))
      .map(({ providers, ...c }) => ({ ...c, id: newId(), provider_ids: providerIds(providers) })),
  )
  const changedAudiences = of("update", "audience")
  for (const { providers, ...audience } of wanted.audiences) {
    const before = changedAudiences.has(audience.identifier) ? standing.audiences.get(audience.identifier) : undefined
    if (before) await updateAudience(tx, before, { ...audience, provider_ids: providerIds(providers) })
  }
  const changedClients = of("update", "client")
  for (const { providers, ...client } of wanted.clients) {
    const before = changedClients.has(client.name) ? standing.clients.get(client.name) : undefined
    if (before) await updateClient(tx, before.id, before.version, { ...client, provider_ids: providerIds(providers) })
  }
  await writeGrants(
    tx,
    actor,
    standing,
    wanted.grants.filter((g) => of("create", "grant").has(grantName(g))),
    changedGrants,
  )
  await tx.audience.deleteMany({ where: { id: { in: idsOf(of("delete", "audience"), standing.audiences) } } })
}

async function writeGrants(
  tx: Tx,
  actor: Actor,
  standing: Standing,
  made: RegistryDocument["grants"],
  changed: RegistryDocument["grants"],
): Promise<void> {
  if (made.length + changed.length === 0) return
  const clients = new Map((await tx.client.findMany({ select: { id: true, name: true } })).map((c) => [c.name, c.id]))
  const audiences = new Map(
    (
      await tx.audience.findMany({
        select: { id: true, identifier: true, scopes: { select: { id: true, name: true } } },
      })
    ).map((a) => [a.identifier, { id: a.id, scopes: new Map(a.scopes.map((s) => [s.name, s.id])) }]),
  )
  const resolve = (grant: RegistryDocument["grants"][number]) => {
    const [clientId, audience] = [clients.get(grant.client), audiences.get(grant.audience)]
    if (clientId === undefined || audience === undefined)
      throw new Error("a checked document names what it does not hold")
    return {
      clientId,
      audienceId: audience.id,
      scopeIds: grant.scopes.flatMap((s) => audience.scopes.get(s) ?? []),
      reason: grant.reason,
      expiresAt: grant.expires_at === null ? null : new Date(grant.expires_at),
    }
  }
  await insertGrants(
    tx,
    made.map((grant) => ({ id: newId(), createdBy: actor.name, ...resolve(grant) })),
  )
  for (const grant of changed) {
    const before = standing.grants.get(grantName(grant))
    if (before) await updateGrant(tx, before.id, before.version, resolve(grant))
  }
}

function trailOf(actor: Actor, standing: Standing, change: DocumentChange): TrailChange {
  const side = (which: "from" | "to") => Object.fromEntries(change.fields.map((f) => [f.field, f[which]]))
  const rows = { audience: standing.audiences, client: standing.clients, grant: standing.grants }[change.kind]
  return {
    actor,
    action: `${change.kind}.${change.verb}`,
    target: {
      kind: change.kind,
      id: rows.get(change.key)?.id ?? change.key,
      name: change.kind === "grant" ? change.key.replace(" ", " → ") : change.key,
    },
    ...(change.verb === "create" ? {} : { before: side("from") }),
    ...(change.verb === "delete" ? {} : { after: side("to") }),
    reason: "registry replaced by a document",
  }
}

function countsOf(changes: readonly DocumentChange[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { verb, kind } of changes) counts[`${kind}s_${verb}d`] = (counts[`${kind}s_${verb}d`] ?? 0) + 1
  return counts
}
