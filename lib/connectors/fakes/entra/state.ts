/** What a tenant holds. Tests look here and change things behind our back. */
import { randomBytes, randomUUID } from "node:crypto"
import type { Clock } from "../base/clock.ts"

export interface FakeRole {
  readonly id: string
  value: string | null
  displayName: string | null
  description: string | null
  isEnabled: boolean
  allowedMemberTypes: string[]
}

export interface FakePassword {
  readonly keyId: string
  readonly displayName: string | null
  readonly hint: string
  readonly startDateTime: string
  readonly endDateTime: string
  readonly value: string
  /** When it is known everywhere, in ms since 1970. */
  readonly knownAt: number
}

export interface FakeApp {
  readonly id: string
  readonly appId: string
  readonly uniqueName: string | null
  displayName: string
  signInAudience: string
  identifierUris: string[]
  api: { requestedAccessTokenVersion: number | null }
  appRoles: FakeRole[]
  tags: string[]
  notes: string | null
  isDisabled: boolean | null
  passwordCredentials: FakePassword[]
  keyCredentials: unknown[]
  readonly createdByAppId: string | null
  readonly createdDateTime: string
}

export interface FakePrincipal {
  readonly id: string
  readonly appId: string
  accountEnabled: boolean
  appRoleAssignmentRequired: boolean
  tags: string[]
}

export interface FakeAssignment {
  readonly id: string
  readonly appRoleId: string
  readonly principalId: string
  readonly principalType: "ServicePrincipal" | "User" | "Group"
  readonly resourceId: string
  readonly createdDateTime: string
}

export interface FakePolicy {
  readonly id: string
  displayName: string
  definition: string[]
  isOrganizationDefault: boolean
}

export interface FakeSignIn {
  readonly id: string
  readonly createdDateTime: string
  readonly isInteractive: boolean
  readonly [field: string]: unknown
}

/** How the tenant behaves; a test turns these over. */
export interface Modes {
  /** How many single reads still show an object as it was before a write: 404 where it is new. */
  replicationReads: number
  /** Every field that may be null or absent is. */
  nulls: boolean
  /** Objects on a page, whatever `$top` asks. */
  pageMax: number
  /** How long a new secret is refused. */
  secretDelayMs: number
  /** P1 or P2: without it the sign-in log is closed. */
  licence: boolean
  /** Graph v1.0 knows `signInEventTypes`. */
  v1SignIns: boolean
  /** Requests to Graph in ten seconds; beyond it 429 without Retry-After. */
  requestsPer10s: number | null
  verifiedDomains: readonly string[]
  /** `servicePrincipalCredentialKeyId` is filled for secrets. */
  keyIdOnSignIns: boolean
}

/** One object and, while replication lasts, how it was before. */
export interface Replica<T> {
  now: T
  past: { value: T | null; reads: number } | null
}

export interface Tenant {
  readonly clock: Clock
  readonly id: string
  readonly modes: Modes
  readonly apps: Map<string, Replica<FakeApp>>
  readonly deleted: FakeApp[]
  readonly principals: Map<string, Replica<FakePrincipal>>
  readonly assignments: Map<string, FakeAssignment>
  readonly policies: Map<string, FakePolicy>
  /** Policies linked to an application, by its object id. */
  readonly links: Map<string, string[]>
  /** Application permissions of Grantry's own application. */
  permissions: readonly string[]
  readonly signIns: FakeSignIn[]
  readonly audits: { readonly id: string; readonly activityDateTime: string; readonly [field: string]: unknown }[]
  readonly window: { start: number; used: number }
}

export const newTenant = (clock: Clock): Tenant => ({
  clock,
  id: randomUUID(),
  modes: {
    replicationReads: 0,
    nulls: false,
    pageMax: 999,
    secretDelayMs: 0,
    licence: true,
    v1SignIns: false,
    requestsPer10s: null,
    verifiedDomains: [],
    keyIdOnSignIns: true,
  },
  apps: new Map(),
  deleted: [],
  principals: new Map(),
  assignments: new Map(),
  policies: new Map(),
  links: new Map(),
  permissions: [],
  signIns: [],
  audits: [],
  window: { start: 0, used: 0 },
})

/** As a single read shows it; null: not yet. Each reading brings replication on. */
export function seen<T>(replica: Replica<T> | undefined): T | null {
  if (!replica) return null
  if (replica.past === null) return replica.now
  const { value } = replica.past
  if (--replica.past.reads <= 0) replica.past = null
  return value
}

/** As a list shows it. */
export const listed = <T>(replicas: Iterable<Replica<T>>): readonly T[] =>
  [...replicas].flatMap(({ now, past }) => (past === null ? [now] : past.value === null ? [] : [past.value]))

export function put<T extends { readonly id: string }>(tenant: Tenant, into: Map<string, Replica<T>>, value: T): void {
  const before = into.get(value.id)
  const reads = tenant.modes.replicationReads
  const past = before?.past?.value === null ? null : (before?.now ?? null)
  into.set(value.id, { now: value, past: reads > 0 ? { value: past, reads } : null })
}

export function replicate(tenant: Tenant): void {
  for (const replica of [...tenant.apps.values(), ...tenant.principals.values()]) replica.past = null
}

export const appOf = (tenant: Tenant, appId: string): FakeApp | null =>
  [...tenant.apps.values()].find(({ now }) => now.appId === appId)?.now ?? null
export const principalOf = (tenant: Tenant, appId: string): FakePrincipal | null =>
  [...tenant.principals.values()].find(({ now }) => now.appId === appId)?.now ?? null

export const newApp = (tenant: Tenant, given: Partial<FakeApp> = {}): FakeApp => ({
  id: randomUUID(),
  appId: randomUUID(),
  uniqueName: null,
  displayName: "App",
  signInAudience: "AzureADMyOrg",
  identifierUris: [],
  api: { requestedAccessTokenVersion: null },
  appRoles: [],
  tags: [],
  notes: null,
  isDisabled: null,
  passwordCredentials: [],
  keyCredentials: [],
  createdByAppId: null,
  createdDateTime: tenant.clock.now().toISOString(),
  ...given,
})

export const newPrincipal = (appId: string, given: Partial<FakePrincipal> = {}): FakePrincipal => ({
  id: randomUUID(),
  appId,
  accountEnabled: true,
  appRoleAssignmentRequired: false,
  tags: [],
  ...given,
})

export function newPassword(
  tenant: Tenant,
  given: { displayName?: string | null; startDateTime?: string | null; endDateTime?: string | null } = {},
): FakePassword {
  const now = tenant.clock.now()
  const start = given.startDateTime ?? now.toISOString()
  const value = randomBytes(30).toString("base64url")
  return {
    keyId: randomUUID(),
    displayName: given.displayName ?? null,
    hint: value.slice(0, 3),
    startDateTime: start,
    endDateTime: given.endDateTime ?? new Date(Date.parse(start) + 730 * 86_400_000).toISOString(),
    value,
    knownAt: now.getTime() + tenant.modes.secretDelayMs,
  }
}

/** Deleting an application ends its service principal and every assignment of either side. */
export function removeApp(tenant: Tenant, app: FakeApp): void {
  tenant.apps.delete(app.id)
  tenant.links.delete(app.id)
  tenant.deleted.push(app)
  for (const { now } of [...tenant.principals.values()]) {
    if (now.appId !== app.appId) continue
    tenant.principals.delete(now.id)
    for (const one of [...tenant.assignments.values()])
      if (one.principalId === now.id || one.resourceId === now.id) tenant.assignments.delete(one.id)
  }
}
