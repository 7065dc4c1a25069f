/** Reads the JSON parts of a plan as the API sends them, and arranges its changes for the page. Pure. */
import { canonicalJson, isObject, type Json } from "../../lib/base/json.ts"
import type { ChangeWire, PlanSummary } from "../../lib/sync/schema.ts"

export interface FieldDiff {
  readonly field: string
  readonly from: Json
  readonly to: Json
}

export function fieldDiffs(fields: Json): readonly FieldDiff[] {
  if (!Array.isArray(fields)) return []
  return fields.flatMap((f) =>
    isObject(f) && typeof f.field === "string"
      ? [{ field: f.field, from: (f.from ?? null) as Json, to: (f.to ?? null) as Json }]
      : [],
  )
}

export interface ProjectionView {
  readonly is: "exact" | "widened" | "unsupported"
  readonly why: string
}

export function projectionOf(change: ChangeWire): ProjectionView | null {
  const p = change.projection
  if (!isObject(p) || typeof p.why !== "string") return null
  return p.is === "exact" || p.is === "widened" || p.is === "unsupported" ? { is: p.is, why: p.why } : null
}

export interface ItemError {
  readonly code: string
  readonly message: string
  readonly httpStatus: number | null
  readonly providerCode: string | null
  /** The provider's own words, as text. */
  readonly excerpt: string | null
  readonly requestId: string | null
}

export function itemError(error: Json): ItemError | null {
  if (!isObject(error)) return null
  const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)
  return {
    code: text(error.code) ?? "unknown",
    message: text(error.message) ?? "The provider gave no reason.",
    httpStatus: typeof error.http_status === "number" ? error.http_status : null,
    providerCode: text(error.provider_code),
    excerpt: text(error.excerpt),
    requestId: text(error.request_id),
  }
}

export interface SetMember {
  readonly text: string
  readonly is: "added" | "removed" | "same"
}

/** Lists are sets: which members come, which go, which stay. A changed member (same name) goes and comes. */
export function setDiff(from: readonly Json[], to: readonly Json[]): readonly SetMember[] {
  const before = new Map(from.map((m) => [canonicalJson(m), m]))
  const after = new Map(to.map((m) => [canonicalJson(m), m]))
  const gone = [...before]
    .filter(([id]) => !after.has(id))
    .map(([, m]): SetMember => ({ text: memberText(m), is: "removed" }))
  const come = [...after]
    .filter(([id]) => !before.has(id))
    .map(([, m]): SetMember => ({ text: memberText(m), is: "added" }))
  const stay = [...after]
    .filter(([id]) => before.has(id))
    .map(([, m]): SetMember => ({ text: memberText(m), is: "same" }))
  return [...gone, ...come, ...stay]
}

function memberText(member: Json): string {
  if (typeof member === "string") return member
  if (isObject(member) && typeof member.name === "string")
    return typeof member.description === "string" && member.description !== ""
      ? `${member.name} (${member.description})`
      : member.name
  return canonicalJson(member)
}

/** One value as text: words for booleans, JSON for objects, null where there is none. */
export function valueText(value: Json): string | null {
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return null
  if (typeof value === "boolean") return value ? "yes" : "no"
  return typeof value === "string" || typeof value === "number" ? String(value) : canonicalJson(value)
}

const fieldWords: Readonly<Record<string, string>> = {
  display_name: "display name",
  auth_method: "authentication",
  token_ttl_seconds: "token life (s)",
  token_format: "token format",
  signing_alg: "signing algorithm",
  remote_id: "id at the provider",
  present: "exists",
}
export const fieldWord = (field: string): string => fieldWords[field] ?? field.replaceAll("_", " ")

/** A grant's key names both ends; a client name holds no space. */
export function keyEnds(kind: string, key: string): { client: string | null; audience: string | null } {
  if (kind === "client") return { client: key, audience: null }
  if (kind === "audience") return { client: null, audience: key }
  const at = key.indexOf(" ")
  return { client: key.slice(0, at), audience: key.slice(at + 1) }
}

export interface ChangeGroup {
  /** Name of the client; null for what belongs to no client: audiences. */
  readonly client: string | null
  readonly changes: readonly ChangeWire[]
}

export interface ProviderGroup {
  readonly providerId: string
  readonly groups: readonly ChangeGroup[]
}

const destroys = (change: ChangeWire): boolean => change.verb === "delete"

/** By provider, then client; what deletes comes first, in every list. Order is otherwise that of the plan. */
export function grouped(changes: readonly ChangeWire[]): readonly ProviderGroup[] {
  return [...Map.groupBy(changes, (c) => c.provider_id)]
    .sort(([, a], [, b]) => Number(b.some(destroys)) - Number(a.some(destroys)))
    .map(([providerId, own]) => ({
      providerId,
      groups: [...Map.groupBy(own, (c) => keyEnds(c.kind, c.key).client)]
        .map(([client, list]): ChangeGroup => ({
          client,
          changes: [...list.filter(destroys), ...list.filter((c) => !destroys(c))],
        }))
        .sort((a, b) => Number(b.changes.some(destroys)) - Number(a.changes.some(destroys))),
    }))
}

const many = (n: number, word: string): string => `${n} ${n === 1 ? word : `${word}s`}`

/** What the deletes of a plan hit, in one sentence. */
export function blastOf(deletes: readonly ChangeWire[], limit: number): string {
  const of = (kind: string) => deletes.filter((c) => c.kind === kind)
  const [clients, audiences, grants] = [of("client"), of("audience"), of("grant")]
  const hit = new Set([...clients, ...grants].map((c) => keyEnds(c.kind, c.key).client))
  const parts = [
    clients.length > 0 && many(clients.length, "client"),
    audiences.length > 0 && many(audiences.length, "audience"),
    grants.length > 0 && many(grants.length, "grant"),
  ].filter((part) => part !== false)
  const loss =
    hit.size > 0
      ? ` ${hit.size === 1 ? "One service client gets" : `${hit.size} service clients get`} no new tokens for what is deleted; tokens that are out live until they expire.`
      : ""
  return `${parts.join(", ")} ${deletes.length === 1 ? "is" : "are"} deleted, of at most ${limit} deletes that one run may make here.${loss}`
}

export const total = (counts: PlanSummary["counts"]): number =>
  counts.create + counts.update + counts.delete + counts.disable

/** How far an apply is: items that have an end, and all of them. */
export function progressOf(progress: PlanSummary["progress"]): { readonly ended: number; readonly all: number } {
  const all = Object.values(progress).reduce((sum, n) => sum + n, 0)
  return { all, ended: all - (progress.pending ?? 0) - (progress.intent ?? 0) }
}
