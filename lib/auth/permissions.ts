import { forbidden } from "../base/errors.ts"
import type { Actor } from "./actor.ts"

/** The closed list. A permission is also the scope of an access token whose audience is Grantry. */
export const permissions = {
  "registry:read": "See clients, audiences, scopes and grants",
  "registry:write": "Create, change and delete clients, audiences, scopes and grants",
  "providers:read": "See providers, their health, capabilities and drift as last read",
  "providers:write": "Connect, change and disconnect providers; import and adopt; decide on drift",
  "plans:read": "See plans and their results",
  "plans:write": "Make, approve and discard plans; have providers read and tested for them",
  "plans:apply": "Apply plans: writes to providers",
  "secrets:read": "See secret versions: fingerprints and dates, never values",
  "secrets:reveal": "Reveal a new secret once",
  "rotations:read": "See rotations and their evidence",
  "rotations:write": "Start, confirm, extend, abort and retire rotations",
  "events:read": "Search token events",
  "events:write": "Send token events",
  "tokens:inspect": "Verify and introspect tokens in the debugger",
  "tokens:fetch": "Fetch a test token with a client's credentials",
  "trail:read": "See and verify the admin audit trail",
  "settings:read": "See sources, API tokens, retention and users",
  "settings:write": "Change sources, API tokens and retention",
  "users:write": "Create and disable users, and change their roles",
} as const

export type Permission = keyof typeof permissions
export const allPermissions = Object.keys(permissions) as readonly Permission[]
export const isPermission = (text: string): text is Permission => Object.hasOwn(permissions, text)

export const roles = ["admin", "operator", "viewer"] as const
export type Role = (typeof roles)[number]

const viewer: readonly Permission[] = [
  "registry:read",
  "providers:read",
  "plans:read",
  "secrets:read",
  "rotations:read",
  "events:read",
  "tokens:inspect",
  "trail:read",
  "settings:read",
]
const operator: readonly Permission[] = [
  ...viewer,
  "registry:write",
  "plans:write",
  "plans:apply",
  "secrets:reveal",
  "rotations:write",
  "tokens:fetch",
]

export const permissionsOfRole: Readonly<Record<Role, readonly Permission[]>> = {
  admin: allPermissions,
  operator,
  viewer,
}

/** The one question of every command and query. Throws Refused 403 that names the missing permission. */
export function authorize(actor: Actor, permission: Permission): void {
  if (!actor.permissions.has(permission)) throw forbidden(permission)
}

export const may = (actor: Actor, permission: Permission): boolean => actor.permissions.has(permission)
