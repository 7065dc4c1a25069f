import { z } from "zod"
import { tokenOctetsMax } from "../token/decode.ts"

/** Room for whitespace and a word around the token: what is too long for a token is judged, not refused. */
const tokenLengthMax = 2 * tokenOctetsMax
const scopeWord = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, "A scope has no space, quote or backslash (RFC 6749 section 3.3).")

/** Body of `POST /api/v1/tokens/inspect`. The token is judged as it stands: nothing is trimmed. */
export const inspectRequest = z.strictObject({
  token: z.string().max(tokenLengthMax),
  provider_id: z.uuid().optional(),
  /** A JWK Set or one JWK, as an object or as its JSON text: the keys for this check only. */
  jwks: z.union([z.record(z.string(), z.unknown()), z.string().max(200_000)]).optional(),
  audience: z.string().min(1).max(2048).optional(),
  scopes: z
    .union([
      z.array(scopeWord).max(100),
      z
        .string()
        .max(4096)
        .transform((text) => text.split(" ").filter((word) => word !== "")),
    ])
    .optional(),
  /** Judge as of this moment: seconds since 1970 or RFC 3339. */
  now: z
    .union([z.number().min(0).max(1e11), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text) / 1000)])
    .optional(),
})

export type InspectRequest = z.output<typeof inspectRequest>
