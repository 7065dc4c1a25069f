import { z } from "zod"
import { readKeySet } from "../token/keys.ts"
import { privateMembers } from "../token/private-jwk.ts"

/** RFC 7517 and 7518: what a public key may say. Other members are dropped (RFC 7517 section 4: ignore the unknown). */
const publicMembers = ["kty", "kid", "use", "alg", "key_ops", "crv", "x", "y", "n", "e", "x5t", "x5t#S256"] as const
const keysMax = 10
const memberMax = 4_000

export type PublicJwk = { readonly [member: string]: string | readonly string[] }
export interface PublicJwks {
  readonly keys: readonly PublicJwk[]
}

const plain = z.union([
  z
    .string()
    .max(memberMax)
    .regex(/^[\x20-\x7e]*$/),
  z
    .array(
      z
        .string()
        .max(100)
        .regex(/^[\x20-\x7e]*$/),
    )
    .max(10),
])

/**
 * A client's public keys for private_key_jwt (RFC 7523). A private member is refused and never stored; so is a symmetric,
 * small or otherwise unsafe key.
 */
export const publicJwks = z
  .looseObject({
    keys: z
      .array(z.looseObject({ kty: z.string() }))
      .min(1, "needs at least one key")
      .max(keysMax),
  })
  .superRefine((set, context) => {
    set.keys.forEach((key, i) => {
      const told = privateMembers.find((member) => member in key)
      if (told)
        context.addIssue({
          code: "custom",
          params: { code: "private_key" },
          path: ["keys", i, told],
          message: "is private: register public keys only. Treat this key as leaked.",
        })
    })
    const judged = readKeySet({ keys: set.keys }, "issuer")
    if (judged.refused)
      context.addIssue({ code: "custom", params: { code: "bad_key" }, path: ["keys"], message: judged.refused })
    judged.keys.forEach((key, i) => {
      const problem = key.problems[0] ?? (key.algorithms.length === 0 ? "it fits no signature algorithm" : null)
      if (problem)
        context.addIssue({ code: "custom", params: { code: "bad_key" }, path: ["keys", i], message: problem })
    })
  })
  .transform((set, context): PublicJwks => ({
    keys: set.keys.map((key, i) => {
      const kept: Record<string, string | string[]> = {}
      for (const member of publicMembers) {
        if (!(member in key)) continue
        const parsed = plain.safeParse(key[member])
        if (parsed.success) kept[member] = parsed.data
        else
          context.addIssue({
            code: "custom",
            params: { code: "bad_key" },
            path: ["keys", i, member],
            message: "must be plain text",
          })
      }
      return kept
    }),
  }))
