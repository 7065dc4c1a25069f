/** AWS Signature Version 4 by the vendor's own signer, fed with nothing but the settings: no environment, no file, no metadata service. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto"
import { SignatureV4 } from "@smithy/signature-v4"
import type { AwsService, CognitoSettings } from "./settings.ts"

type Bytes = string | ArrayBuffer | ArrayBufferView

/** SHA-256, keyed where there is a key, in the shape that the signer asks for. */
class Sha256 {
  private hash: Hash | Hmac
  private readonly key: Uint8Array | null
  constructor(key?: Bytes) {
    this.key = key === undefined ? null : bytesOf(key)
    this.hash = this.fresh()
  }
  private fresh(): Hash | Hmac {
    return this.key === null ? createHash("sha256") : createHmac("sha256", this.key)
  }
  update(data: Bytes): void {
    this.hash.update(bytesOf(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest()
  }
  reset(): void {
    this.hash = this.fresh()
  }
}

function bytesOf(data: Bytes): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, "utf8")
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}

/** Signs a POST of AWS JSON 1.1 to `url`. Answers the headers to send; `Host` is the URL's own. */
export type Sign = (
  service: AwsService,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<Record<string, string>>

export function signer({ region, access_key_id, secret_access_key }: CognitoSettings): Sign {
  const credentials = { accessKeyId: access_key_id, secretAccessKey: secret_access_key }
  const signers = (["cognito-idp", "cloudtrail"] as const).map(
    (service) => [service, new SignatureV4({ credentials, region, service, sha256: Sha256 })] as const,
  )
  const of = new Map(signers)
  return async (service, url, headers, body) => {
    const { protocol, hostname, port, host, pathname: path } = new URL(url)
    const signed = await of.get(service)?.sign({
      method: "POST",
      protocol,
      hostname,
      ...(port === "" ? {} : { port: Number(port) }),
      path,
      query: {},
      headers: { ...headers, host },
      body,
    })
    const { host: _own, ...rest } = signed?.headers ?? {}
    return rest
  }
}
