import { isObject } from "../base/json.ts"

/** Members that only a private or a symmetric key has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1; RFC 8037 section 2). */
export const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const

export const isPrivateJwk = (key: unknown): boolean =>
  isObject(key) && privateMembers.some((member) => Object.hasOwn(key, member))
