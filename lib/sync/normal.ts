/**
 * When two values are the same to us. Lists are sets; null, "", an empty list and an absent member are one thing
 * (providers.md 11.5, lesson 7). Everything is compared in this form, so that order and defaults are never drift.
 */
import { sha256 } from "../base/digest.ts"
import { canonicalJson, isObject, type Json } from "../base/json.ts"
import type { Fields, RemoteObject } from "../connectors/objects.ts"

export function normal(value: unknown): Json {
  if (value === undefined || value === null || value === "") return null
  if (Array.isArray(value)) {
    const members = new Map(value.map((item) => normal(item)).map((item) => [canonicalJson(item), item]))
    return members.size === 0
      ? null
      : [...members.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
  }
  if (isObject(value)) {
    const members = Object.entries(value)
      .map(([key, member]) => [key, normal(member)] as const)
      .filter(([, member]) => member !== null)
    return members.length === 0 ? null : Object.fromEntries(members)
  }
  return value as Json
}

export const same = (a: unknown, b: unknown): boolean => canonicalJson(normal(a)) === canonicalJson(normal(b))

/** The value as the change shows it: absent is null. */
export const shown = (value: Json | undefined): Json => value ?? null

export const idOf = (object: { readonly kind: string; readonly key: string }): string => `${object.kind} ${object.key}`

export const isUnknown = (remote: RemoteObject, field: string): boolean => remote.unknown?.includes(field) ?? false

/** SHA-256 of one object as observed, in hex: the basis that apply compares again. Null: it was not there. */
export function digestOf(remote: RemoteObject | null): string | null {
  if (remote === null) return null
  const { kind, key, remoteId, marked, fields, unknown } = remote
  return sha256(
    canonicalJson({ kind, key, remoteId, marked, fields: normal(fields), unknown: [...(unknown ?? [])].sort() }),
  ).toString("hex")
}

export const digestOfAll = (objects: readonly RemoteObject[]): string =>
  sha256(canonicalJson(objects.map((object) => `${idOf(object)} ${digestOf(object)}`).sort())).toString("hex")

/** The scopes of a grant's fields, or of what was found of them. */
export const scopeNames = (fields: Fields): string[] =>
  Array.isArray(fields.scopes) ? fields.scopes.filter((name) => typeof name === "string") : []
