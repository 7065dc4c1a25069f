import { metrics } from "../../lib/web/metrics.ts"
import { runtime } from "../../lib/runtime.ts"

export const dynamic = "force-dynamic"

/** Prometheus text. Sums only: no name of a client, a person or an address. */
export async function GET(): Promise<Response> {
  runtime()
  const registry = metrics()
  return new Response(await registry.metrics(), {
    headers: { "content-type": registry.contentType, "cache-control": "no-store" },
  })
}
