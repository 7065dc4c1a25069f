import { hash } from "node:crypto"

/**
 * The stored id: the first 16 bytes of SHA-256 over the source's id and the given id or, without one, the line's canonical
 * JSON (RFC 8785). A re-sent line is the same event in whatever batch it comes, and no source can shadow another's.
 * As 32 hexadecimal digits.
 */
export function eventIdentity(sourceId: string, givenId: string | null, canonical: string): string {
  const text = givenId === null ? `${sourceId}\nline\n${canonical}` : `${sourceId}\nid\n${givenId}`
  return hash("sha256", text, "hex").slice(0, 32)
}

/** 32 hexadecimal digits as the UUID text that the API answers. */
export const dashed = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
