import { queryString } from "../api.ts"
import { stamp, type Window } from "./range.ts"

/** The filters of the events API (contract section 6), with the names that people read. Several values of one mean "any of these". */
export const filterFields = {
  event: "Event",
  result: "Result",
  reason: "Reason",
  client_id: "Client",
  audience: "Audience",
  scope: "Scope",
  provider: "Provider",
  source: "Source",
  trace_id: "Trace",
  jti: "Token (jti)",
  ip: "Address",
  purpose: "Purpose",
} as const
export type FilterField = keyof typeof filterFields
export const fieldNames = Object.keys(filterFields) as readonly FilterField[]
export const isFilterField = (name: string): name is FilterField => Object.hasOwn(filterFields, name)

export type Filters = Readonly<Record<FilterField, readonly string[]>>
/** Nothing is filtered: for the URL, and as a value. */
export const noFilters = {
  event: null,
  result: null,
  reason: null,
  client_id: null,
  audience: null,
  scope: null,
  provider: null,
  source: null,
  trace_id: null,
  jti: null,
  ip: null,
  purpose: null,
}
export const unfiltered: Filters = {
  event: [],
  result: [],
  reason: [],
  client_id: [],
  audience: [],
  scope: [],
  provider: [],
  source: [],
  trace_id: [],
  jti: [],
  ip: [],
  purpose: [],
}

/** The query of the API that asks for exactly this. */
export function apiQuery(
  filters: Filters,
  q: string,
  window: Window | null,
): Record<string, string | readonly string[]> {
  const query: Record<string, string | readonly string[]> = {}
  if (window) query.from = stamp(window.fromMs)
  if (window && window.toMs !== null) query.to = stamp(window.toMs)
  for (const name of fieldNames) if (filters[name].length > 0) query[name] = filters[name]
  if (q.trim() !== "") query.q = q.trim()
  return query
}

export const isFiltered = (filters: Filters, q: string): boolean =>
  q.trim() !== "" || fieldNames.some((name) => filters[name].length > 0)

/** With the value, or without it when it was there. */
export const toggled = (values: readonly string[], value: string): string[] | null => {
  const next = values.includes(value) ? values.filter((v) => v !== value) : [...values, value]
  return next.length === 0 ? null : next
}

/** A filter as a link carries it: a list means any of its values. */
export type LinkFilter = Partial<Readonly<Record<FilterField, string | readonly string[]>>>

/** A link to the audit page with a filter; `range` is what the URL already says of time. */
export const auditHref = (
  filter: LinkFilter,
  range: { readonly since?: string | null; readonly from?: string | null; readonly to?: string | null } = {},
): string => `/audit${queryString({ ...range, ...filter })}`
