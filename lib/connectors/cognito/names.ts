/**
 * Cognito keeps no metadata on clients and resource servers, so our name and mark stand in theirs (providers.md 5.5):
 * a client is called `order-service @grantry <marker>`, or `@grantry-off` while it is disabled, a resource server
 * `Payments @grantry`. Allowed are letters, digits, spaces and `_ + = , . @ -`. Pure.
 */

const nameMax = 128
const serverNameMax = 256
const mark = " @grantry"
const off = "-off"

/** The longest name of a client that leaves room for our mark. */
export const clientKeyMax = nameMax - mark.length - off.length
export const serverTitleMax = serverNameMax - mark.length
const allowed = /^[\w\s+=,.@-]+$/
export const isAllowedName = (text: string): boolean => allowed.test(text)

/** What of a name Cognito can hold. */
export const allowedName = (text: string): string =>
  text
    .replace(/[^\w\s+=,.@-]+/g, "-")
    .slice(0, serverTitleMax)
    .trim()

export interface OurName {
  readonly key: string
  /** `planId:changeId`; null where there was no room for it. */
  readonly marker: string | null
  /** As it was last wanted. It says so while a client has no scope, and so could not be switched on. */
  readonly enabled: boolean
}

const shape = /^(\S+) @grantry(-off)?(?: ([\w=.-]+))?$/

/** Null: this is not a name of ours. */
export function ourName(name: string | null): OurName | null {
  const [, key, disabled, marker] = shape.exec(name ?? "") ?? []
  if (key === undefined) return null
  return { key, marker: marker === undefined ? null : unpacked(marker), enabled: disabled === undefined }
}

/** The marker is left out where it does not fit. */
export function clientName({ key, marker, enabled }: OurName): string {
  const marked = `${key}${mark}${enabled ? "" : off}`
  const whole = marker === null ? marked : `${marked} ${packed(marker)}`
  // Off is the longer one: a client that is disabled later must keep its marker, or never have had it.
  const longest = whole.length + (enabled ? off.length : 0)
  return longest <= nameMax && marker !== null && unpacked(packed(marker)) === marker ? whole : marked
}

export const serverName = (name: string): string => `${name}${mark}`
export const isOurServer = (name: string | null): boolean => name?.endsWith(mark) === true
export const plainServerName = (name: string): string => (isOurServer(name) ? name.slice(0, -mark.length) : name)

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const packedUuid = /^[\w-]{22}$/

/** Two UUIDs are 73 characters, and 45 in base64url. A colon is not allowed, an equals sign is. */
function packed(marker: string): string {
  const parts = marker.split(":")
  return parts.length === 2 && parts.every((part) => uuid.test(part))
    ? parts.map((part) => Buffer.from(part.replaceAll("-", ""), "hex").toString("base64url")).join(".")
    : marker.replaceAll(":", "=")
}

function unpacked(text: string): string {
  const parts = text.split(".")
  return parts.length === 2 && parts.every((part) => packedUuid.test(part))
    ? parts.map((part) => dashed(Buffer.from(part, "base64url").toString("hex"))).join(":")
    : text.replaceAll("=", ":")
}

const dashed = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")

/** The wire name of a scope: `{identifier}/{scope}`. A scope holds no slash, so the last one parts them. */
export const wireScope = (audience: string, scope: string): string => `${audience}/${scope}`

/** Null: a scope of OpenID Connect or of Cognito itself, which belongs to no resource server. */
export function plainScope(wire: string): { readonly audience: string; readonly scope: string } | null {
  const at = wire.lastIndexOf("/")
  return at <= 0 ? null : { audience: wire.slice(0, at), scope: wire.slice(at + 1) }
}
