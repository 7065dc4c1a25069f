import { randomUUID } from "node:crypto"
import { Unavailable } from "../base/errors.ts"
import { log } from "../base/log.ts"
import { rateLimit } from "../base/rate.ts"
import { redact } from "../base/redact.ts"
import { minuteMs } from "../base/time.ts"
import { clientIp } from "./address.ts"
import { readText } from "./body.ts"
import { problem } from "./problem.ts"

/** A report has some 1 to 3 kB (W3C CSP Level 3 section 5). */
const bytesMax = 16_384
const shownUnits = 2_000
const wait = rateLimit({ max: 20, windowMs: minuteMs, maxOfAll: 200 })

/**
 * Takes a browser's report of what the Content-Security-Policy stopped. Anybody may post here, so it is bounded in size and
 * rate, redacted, and only logged. 204, 413 `too_large`, 429 `too_many_reports`.
 */
export async function takeCspReport(request: Request, nowMs = Date.now()): Promise<Response> {
  const requestId = randomUUID()
  try {
    const seconds = wait(clientIp(request.headers) ?? "", nowMs)
    if (seconds > 0)
      throw new Unavailable("too_many_reports", "Enough reports for this minute.", seconds, { status: 429 })
    const text = await readText(request, bytesMax)
    log.warn({ request_id: requestId, report: redact(text.slice(0, shownUnits)) }, "content security policy report")
    return new Response(null, { status: 204 })
  } catch (error) {
    return problem(error, requestId)
  }
}
