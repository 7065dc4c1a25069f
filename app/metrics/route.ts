import { metricsText } from "../../lib/web/metrics.ts"
import { runtime } from "../../lib/runtime.ts"

export const dynamic = "force-dynamic"

/** Prometheus text. Sums only: no name of a client, a person or an address. */
export async function GET(): Promise<Response> {
  runtime()
  const { text, contentType } = await metricsText()
  return new Response(text, { headers: { "content-type": contentType, "cache-control": "no-store" } })
}
