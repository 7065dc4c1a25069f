import "server-only"
import { randomUUID } from "node:crypto"
import type { NextRequest } from "next/server"
import { z } from "zod"
import { authorize } from "../auth/permissions.ts"
import { sha256 } from "../base/digest.ts"
import { Refused } from "../base/errors.ts"
import { readLines } from "../events/body.ts"
import { ingest } from "../events/ingest.ts"
import { retentionDays } from "../events/retention.ts"
import { rejectionCodes } from "../events/words.ts"
import { eventLine } from "../events/schema.ts"
import { sourceOf } from "../events/sources.ts"
import { caller } from "./caller.ts"
import { once } from "./idempotency.ts"
import { problem } from "./problem.ts"
import type { RouteSpec } from "./route.ts"
import { runtime } from "../runtime.ts"

const spec: RouteSpec = {
  summary: "Send token events: NDJSON, a JSON array or one object; plain, gzip, zstd or br. 200 means committed",
  permission: "events:write",
  body: eventLine,
  response: z.object({
    received: z.int(),
    stored: z.int(),
    duplicates: z.int(),
    rejected: z.array(z.object({ index: z.int(), code: z.enum(rejectionCodes), message: z.string() })),
  }),
  idempotency: "replay",
}

/** The one route with a body that is a stream. Bearer only: a browser's cookie never sends events (T13). */
async function take(request: NextRequest): Promise<Response> {
  const requestId = randomUUID()
  try {
    runtime()
    if (request.headers.get("authorization") === null)
      throw new Refused("unauthenticated", "Events are sent with an API token: Authorization: Bearer gty_...", {
        status: 401,
      })
    const { actor } = await caller(request, requestId)
    authorize(actor, "events:write")
    const source = await sourceOf(actor)
    const lines = await readLines({
      contentType: request.headers.get("content-type"),
      contentEncoding: request.headers.get("content-encoding"),
      body: request.body as AsyncIterable<Uint8Array> | null,
    })
    const run = async (): Promise<Response> => {
      const result = await ingest(source, lines, { retentionDays: await retentionDays() })
      return Response.json(result, { headers: { "cache-control": "private, no-store", "x-request-id": requestId } })
    }
    const key = request.headers.get("idempotency-key")
    if (key === null) return await run()
    return await once(
      {
        actor: `${actor.kind}:${actor.id}`,
        route: request.nextUrl.pathname,
        key,
        body: sha256(lines.join("\n")).toString("hex"),
        mode: "replay",
      },
      run,
    )
  } catch (error) {
    return problem(error, requestId)
  }
}

export const takeEvents = Object.assign(take, { spec })
