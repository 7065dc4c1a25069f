import { openApi, type Operation } from "../../../../lib/web/openapi.ts"
import type { RouteSpec } from "../../../../lib/web/route.ts"
import { runtime } from "../../../../lib/runtime.ts"
import { manifest } from "./manifest.ts"

export const dynamic = "force-dynamic"

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const

/** A handler made by `route()` carries its spec; a raw one (streams, ingest) exports `specs` by method. */
function specOf(module: object, method: (typeof methods)[number]): RouteSpec | null {
  const handler: unknown = Reflect.get(module, method)
  if (typeof handler !== "function") return null
  return "spec" in handler ? (handler.spec as RouteSpec) : null
}

export function GET(): Response {
  const operations = manifest.flatMap(([folder, module]) =>
    methods.flatMap((method): Operation[] => {
      const spec = specOf(module, method)
      return spec ? [{ path: `/api/v1/${folder}`, method, spec }] : []
    }),
  )
  return Response.json(openApi(operations, runtime().env.publicUrl), { headers: { "cache-control": "no-store" } })
}
