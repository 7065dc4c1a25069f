import { log } from "../../../lib/base/log.ts"
import { redact } from "../../../lib/base/redact.ts"

const bytesMax = 16_384

/** Where browsers report what the Content-Security-Policy stopped. Anybody may post here, so it is bounded, redacted and only logged. */
export async function POST(request: Request): Promise<Response> {
  const length = Number(request.headers.get("content-length") ?? bytesMax + 1)
  if (!Number.isSafeInteger(length) || length > bytesMax) return new Response(null, { status: 413 })
  const text = await request.text()
  log.warn({ report: redact(text.slice(0, 2_000)) }, "content security policy report")
  return new Response(null, { status: 204 })
}
