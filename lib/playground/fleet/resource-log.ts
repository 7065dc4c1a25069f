import { randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"

/** One line of the service's log, in the shape that document 3 shows. */
export type ServiceLogLine = Readonly<Record<string, string | number>>

/**
 * The log of one request: `error in response` with its code, where there is one, and `response completed in ...` with
 * `duration_ms` in milliseconds and `duration` in microseconds. Neither holds the token.
 */
export function serviceLog(req: IncomingMessage, res: ServerResponse, write?: (line: ServiceLogLine) => void) {
  const began = performance.now()
  const trace = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(String(req.headers.traceparent ?? ""))?.[1] ?? ""
  const requestId = String(req.headers["x-request-id"] ?? randomBytes(10).toString("hex"))
  const ids = {
    pid: process.pid,
    request_id: requestId,
    int_request_id: randomBytes(10).toString("hex"),
    trace_id: trace,
  }
  res.setHeader("x-request-id", requestId)
  const line = (level: string, msg: string, more: ServiceLogLine) =>
    write?.({ level, time: new Date().toISOString(), msg, ...ids, ...more })
  return {
    failed: (code: string, message: string) =>
      line("error", "error in response", { error_code: code, error_message: message }),
    completed(status: number, bytes: number) {
      const microseconds = Math.round((performance.now() - began) * 1_000)
      const { remoteAddress: ip = "", remotePort: port = 0 } = req.socket
      line("info", `response completed in ${(microseconds / 1_000_000).toFixed(3)}s`, {
        method: req.method ?? "",
        uri: req.url ?? "",
        remote_addr: `${ip}:${port}`,
        content_length: Number(req.headers["content-length"] ?? 0),
        user_agent: req.headers["user-agent"] ?? "",
        remote_addr_ip: ip,
        remote_addr_port: port,
        duration_ms: Math.floor(microseconds / 1_000),
        duration: microseconds,
        status,
        bytes_sent: bytes,
      })
    },
  }
}
