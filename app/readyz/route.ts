import { runtime } from "../../lib/runtime.ts"
import { readiness } from "../../lib/web/health.ts"

export const dynamic = "force-dynamic"

/** 200 only when every part can serve, else 503 with the reasons. */
export async function GET(): Promise<Response> {
  runtime()
  const state = await readiness()
  const headers: Record<string, string> = {
    "cache-control": "no-store",
    ...(state.ready ? {} : { "retry-after": "2" }),
  }
  return Response.json(
    {
      ready: state.ready,
      checks: state.checks,
      reasons: state.checks.filter((c) => !c.ok).map((c) => `${c.name} ${c.why}`),
    },
    { status: state.ready ? 200 : 503, headers },
  )
}
