/**
 * AWS Signature Version 4, checked as the service would: written from its description, with nothing of the signer that the
 * connector uses (AWS General Reference, "Create a signed AWS API request").
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { FakeRequest } from "../base/server.ts"
import { minuteMs } from "../../../base/time.ts"
import { refusal, type Refused } from "./law.ts"

const skewMs = 5 * minuteMs
const hex = (data: string): string => createHash("sha256").update(data, "utf8").digest("hex")
const hmac = (key: string | Uint8Array, data: string): Buffer => createHmac("sha256", key).update(data, "utf8").digest()

const shape =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

export interface Signer {
  readonly region: string
  readonly now: Date
  /** The secret of an access key; null: no such key. */
  secretOf(accessKeyId: string): string | null
}

/** The access key that signed the request for this service. Or the refusal. */
export function signedBy(
  request: FakeRequest,
  service: string,
  { region, now, secretOf }: Signer,
): { readonly accessKeyId: string } | Refused {
  const header = request.headers.authorization
  if (header === undefined) return refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
  const [, accessKeyId = "", day = "", forRegion, forService, names = "", signature = ""] = shape.exec(header) ?? []
  if (signature === "") return refusal("IncompleteSignatureException", "Authorization header is not as it should be.")
  const secret = secretOf(accessKeyId)
  if (secret === null)
    return refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
  const at = String(request.headers["x-amz-date"] ?? "")
  if (!at.startsWith(`${day}T`) || forRegion !== region || forService !== service)
    return invalid("Credential should be scoped to a valid region, service and date.")
  if (Math.abs(timeOf(at) - now.getTime()) > skewMs) return invalid(`Signature expired or not yet current: ${at}`)
  const signed = names.split(";")
  const needed = ["host", ...Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"))]
  if (needed.some((name) => !signed.includes(name))) return invalid("Not all headers are signed that must be.")
  const payload = hex(request.body)
  const told = request.headers["x-amz-content-sha256"]
  if (told !== undefined && told !== payload) return invalid("The payload is not the one that was signed.")
  const scope = `${day}/${region}/${service}/aws4_request`
  const headers = signed.map((name) => `${name}:${oneLine(request.headers[name])}\n`).join("")
  const canonical = [request.method, request.path, request.query.toString(), headers, names, payload].join("\n")
  const text = ["AWS4-HMAC-SHA256", at, scope, hex(canonical)].join("\n")
  const key = scope.split("/").reduce<string | Uint8Array>((chain, part) => hmac(chain, part), `AWS4${secret}`)
  const good = timingSafeEqual(hmac(key, text), Buffer.from(signature, "hex"))
  return good ? { accessKeyId } : invalid("The request signature we calculated does not match the one you provided.")
}

const invalid = (message: string): Refused => refusal("InvalidSignatureException", message)

const oneLine = (value: string | string[] | undefined): string =>
  String(value ?? "")
    .trim()
    .replace(/ +/g, " ")

/** `20261121T100500Z`. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))
