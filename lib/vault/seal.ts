import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { z } from "zod"
import { sha256 } from "../base/digest.ts"
import { canonicalJson } from "../base/json.ts"
import { Secret } from "../base/secret.ts"
import { deriveKey, kek } from "./key.ts"

/** A sealed value as it is stored: AES-256-GCM under a data key of its own, which is wrapped by the key-encryption key. */
export const sealedSchema = z.object({
  v: z.literal(1),
  key_id: z.string(),
  wrapped: z.string(),
  data: z.string(),
})
export type Sealed = z.infer<typeof sealedSchema>

/** What the value belongs to. It is authenticated with the value: a sealed value moved to another row does not open (T24). */
export type SealContext = Readonly<Record<string, string>>

/** The stored value was changed, belongs to another row, or was sealed under another key. */
export class CannotOpen extends Error {
  constructor() {
    super("This secret cannot be opened with the present key.")
    this.name = "CannotOpen"
  }
}

const ivBytes = 12
const tagBytes = 16

function encrypt(key: Buffer, plain: Buffer, aad: Buffer): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(aad)
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString("base64url")
}

function decrypt(key: Buffer, boxed: string, aad: Buffer): Buffer {
  const bytes = Buffer.from(boxed, "base64url")
  if (bytes.length < ivBytes + tagBytes) throw new CannotOpen()
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, ivBytes)).setAAD(aad)
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes, bytes.length - tagBytes)), decipher.final()])
  } catch {
    throw new CannotOpen()
  }
}

const keyId = (key: Buffer): string => sha256(deriveKey(key, "check")).subarray(0, 8).toString("hex")
const aadOf = (context: SealContext): Buffer => Buffer.from(canonicalJson(context))

export function seal(value: Secret, context: SealContext, key: Buffer = kek()): Sealed {
  const dataKey = randomBytes(32)
  const aad = aadOf(context)
  return {
    v: 1,
    key_id: keyId(key),
    wrapped: encrypt(deriveKey(key, "seal"), dataKey, aad),
    data: encrypt(dataKey, Buffer.from(value.reveal()), aad),
  }
}

/** Throws CannotOpen. */
export function open(sealed: unknown, context: SealContext, key: Buffer = kek()): Secret {
  const parsed = sealedSchema.safeParse(sealed)
  if (!parsed.success) throw new CannotOpen()
  const aad = aadOf(context)
  const dataKey = decrypt(deriveKey(key, "seal"), parsed.data.wrapped, aad)
  return new Secret(decrypt(dataKey, parsed.data.data, aad).toString("utf8"))
}

/** Names the key without telling it: compared with the one stored at the first start, so that a wrong key stops the start. */
export const keyCheck = (key: Buffer): string => keyId(key)
