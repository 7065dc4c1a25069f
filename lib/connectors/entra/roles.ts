/** Scopes as app roles. Pure. */
import { createHash } from "node:crypto"
import type { Json } from "../../base/json.ts"
import type { WantedScope } from "../fields.ts"
import type { RemoteRole } from "./shapes.ts"

/** Ours, made once for this purpose; with it a role's id follows from audience and scope (RFC 9562 section 5.5). */
const namespace = Buffer.from("8f6f2b0e5a3c4d1b9c7e2f40a6d1c385", "hex")

/** A stable GUID for a scope of an audience: a repeated write never makes a second role. UUIDv5, RFC 9562 section 5.5. */
export function roleIdOf(audience: string, scope: string): string {
  const bytes = createHash("sha1").update(namespace).update(`${audience} ${scope}`).digest().subarray(0, 16)
  bytes[6] = 0x50 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytes.toString("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** A role that services can be given, and that puts its word into tokens. */
export const isScope = (role: RemoteRole): role is RemoteRole & { value: string } =>
  typeof role.value === "string" &&
  role.value !== "" &&
  role.isEnabled !== false &&
  role.allowedMemberTypes?.includes("Application") === true

/** Entra wants a description; where we have none the word itself stands there, and reads as none. */
export const plainDescription = (name: string, description: string | null | undefined): string =>
  typeof description !== "string" || description === name ? "" : description

/** Scopes as the registry writes them, sorted by name. */
export const scopesOf = (roles: readonly RemoteRole[]): Json =>
  roles
    .filter(isScope)
    .map(({ value, description }) => ({ name: value, description: plainDescription(value, description) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))

const newRole = (audience: string, { name, description }: WantedScope): RemoteRole => ({
  id: roleIdOf(audience, name),
  value: name,
  displayName: name.slice(0, 100),
  description: description === "" ? name : description,
  isEnabled: true,
  allowedMemberTypes: ["Application"],
})

export interface RoleWrites {
  /** To be written first, or null: a role must be disabled before it can be edited or removed. */
  readonly disabled: readonly RemoteRole[] | null
  readonly final: readonly RemoteRole[]
}

/** Brings the scopes to what is wanted. Roles for users stay as they are; a role that is kept keeps its id. */
export function roleWrites(now: readonly RemoteRole[], audience: string, wanted: readonly WantedScope[]): RoleWrites {
  const forUsers = (role: RemoteRole) => role.allowedMemberTypes?.includes("Application") !== true
  const used = new Set<RemoteRole>()
  const final = wanted.map((scope) => {
    const fresh = newRole(audience, scope)
    const held = now.find(
      (role) => !forUsers(role) && (role.value === scope.name || role.id.toLowerCase() === fresh.id),
    )
    if (held === undefined) return fresh
    used.add(held)
    const same =
      isScope(held) && held.value === scope.name && plainDescription(scope.name, held.description) === scope.description
    if (same) return held
    return { ...held, value: scope.name, isEnabled: true, description: fresh.description ?? null }
  })
  const others = now.filter((role) => forUsers(role) && !used.has(role))
  const touched = now.filter((role) => !others.includes(role) && !final.includes(role) && role.isEnabled !== false)
  const disabled = now.map((role) => (touched.includes(role) ? { ...role, isEnabled: false } : role))
  return { disabled: touched.length === 0 ? null : disabled, final: [...others, ...final] }
}
