/**
 * What Grantry keeps on a client of Auth0: `client_metadata`, ten keys at most, each value a text of at most 255
 * characters. A change merges by key, and null deletes one. APIs and grants have no such place.
 */
import type { RemoteClient } from "./shapes.ts"

export const metadataKeys = {
  /** Our name of the client: Auth0 chooses the client_id, and its `name` is the display name. */
  name: "grantry_name",
  /** `planId:changeId` of the change that made it. It is our mark. */
  marker: "grantry_marker",
  owner: "grantry_owner",
  /** Which secret we put there last: `marker fingerprint time`. */
  secret: "grantry_secret",
} as const

export const metadataValueMax = 255

export function metadataOf(client: RemoteClient, key: keyof typeof metadataKeys): string | null {
  const value = client.client_metadata?.[metadataKeys[key]]
  return typeof value === "string" && value !== "" ? value : null
}

/** An API carries our mark as the end of its name. */
const mark = " [grantry]"
export const markedName = (name: string): string => `${name}${mark}`
export const isMarkedName = (name: string): boolean => name.endsWith(mark)
export const plainName = (name: string): string => (isMarkedName(name) ? name.slice(0, -mark.length) : name)
export const apiNameMax = 200 - mark.length
