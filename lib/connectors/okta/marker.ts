/** Where our mark stands: the descriptions of servers and policies begin with it, apps have a place of their own. */

const mark = "grantry "

/** The natural key of our policy on a server; Okta allows 100 characters. */
export const policyPrefix = "grantry:"
export const policyName = (client: string): string => `${policyPrefix}${client}`

/** Okta allows 255 characters in a policy's description; `planId:changeId` has 73. */
export const markedDescription = (marker: string): string => `${mark}${marker}`.slice(0, 255)

/** The marker that stands there. Null: this is not ours. */
export const markerOf = (description: string | null | undefined): string | null =>
  description?.startsWith(mark) === true ? description.slice(mark.length) : null
