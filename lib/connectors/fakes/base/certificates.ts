/** X.509 certificates (RFC 5280) for tests of TLS, made on the spot: an authority, and leaves that it signs. ECDSA P-256. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto"

export interface Certificate {
  readonly cert: string
  readonly key: string
}
export interface Authority extends Certificate {
  /** For a server: the DNS name and address stand in subjectAltName. For a client: its name in the subject. */
  issue(name: string): Certificate
}

const dayMs = 86_400_000

export function authority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  return {
    cert: certificate(name, publicKey, name, privateKey, [basicConstraints]),
    key: pemKey(privateKey),
    issue(leaf) {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" })
      return {
        cert: certificate(leaf, own.publicKey, name, privateKey, [subjectAltName(leaf)]),
        key: pemKey(own.privateKey),
      }
    },
  }
}

const pemKey = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString()

function certificate(
  subject: string,
  key: KeyObject,
  issuer: string,
  signer: KeyObject,
  extensions: readonly Buffer[],
): string {
  const now = Date.now()
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    distinguished(issuer),
    sequence(time(now - dayMs), time(now + 30 * dayMs)),
    distinguished(subject),
    key.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions)),
  )
  const der = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, signer)))
  const lines = (der.toString("base64").match(/.{1,64}/g) ?? []).join("\n")
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

/** One DER value: tag, length, content (X.690 section 8.1). */
function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 256), length % 256]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const sequence = (...items: readonly Buffer[]): Buffer => tagged(0x30, ...items)
const integer = (value: Buffer): Buffer => tagged(0x02, value)
const bits = (value: Buffer): Buffer => tagged(0x03, Buffer.from([0]), value)
const octets = (value: Buffer): Buffer => tagged(0x04, value)
const oid = (...bytes: readonly number[]): Buffer => tagged(0x06, Buffer.from(bytes))
const text = (value: string): Buffer => tagged(0x0c, Buffer.from(value))
const time = (ms: number): Buffer =>
  tagged(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`))

/** 1.2.840.10045.4.3.2 */
const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
/** 2.5.4.3, commonName */
const distinguished = (name: string): Buffer => sequence(tagged(0x31, sequence(oid(0x55, 0x04, 0x03), text(name))))
/** 2.5.29.19, critical: an authority */
const basicConstraints = sequence(
  oid(0x55, 0x1d, 0x13),
  tagged(0x01, Buffer.from([0xff])),
  octets(sequence(tagged(0x01, Buffer.from([0xff])))),
)
/** 2.5.29.17: a DNS name, and the loopback address */
const subjectAltName = (name: string): Buffer =>
  sequence(
    oid(0x55, 0x1d, 0x11),
    octets(sequence(tagged(0x82, Buffer.from(name)), tagged(0x87, Buffer.from([127, 0, 0, 1])))),
  )
