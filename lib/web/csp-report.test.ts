import { expect, test, vi } from "vitest"
import { log } from "../base/log.ts"
import { takeCspReport } from "./csp-report.ts"

const report = (ip: string, body: BodyInit, headers: Record<string, string> = {}) =>
  new Request("https://grantry.example/api/csp", {
    method: "POST",
    body,
    headers: { "x-forwarded-for": ip, "content-type": "application/csp-report", ...headers },
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  })
const nowMs = 1_800_000_000_000

test("a report is logged without the secrets that an address may carry", async () => {
  const warn = vi.spyOn(log, "warn").mockImplementation(() => {})
  const token = "gty_0123456789abcdefghijklmnopqrstuvwxyz"
  const answer = await takeCspReport(report("192.0.2.1", JSON.stringify({ "document-uri": `/x?a=${token}` })), nowMs)
  expect(answer.status).toBe(204)
  expect(warn).toHaveBeenCalledOnce()
  expect(JSON.stringify(warn.mock.calls)).not.toContain(token)
  warn.mockRestore()
})

test("a body beyond 16 kB is refused, whatever length it claims", async () => {
  const warn = vi.spyOn(log, "warn").mockImplementation(() => {})
  const endless = new ReadableStream({ pull: (c) => c.enqueue(new TextEncoder().encode("x".repeat(4_096))) })
  for (const body of ["x".repeat(16_385), endless]) {
    const answer = await takeCspReport(report("192.0.2.2", body, { "content-length": "5" }), nowMs)
    expect(answer.status).toBe(413)
    expect(answer.headers.get("content-type")).toBe("application/problem+json")
    expect(await answer.json()).toMatchObject({ code: "too_large" })
  }
  expect(warn).not.toHaveBeenCalled()
  warn.mockRestore()
})

test("one address sends twenty reports a minute, all addresses together two hundred", async () => {
  const warn = vi.spyOn(log, "warn").mockImplementation(() => {})
  const later = nowMs + 600_000
  const send = async (ip: string) => (await takeCspReport(report(ip, "{}"), later)).status
  const statuses = await Promise.all(Array.from({ length: 21 }, () => send("192.0.2.3")))
  expect(statuses.filter((s) => s === 204)).toHaveLength(20)
  expect(statuses.at(-1)).toBe(429)
  const others = await Promise.all(Array.from({ length: 200 }, (_, i) => send(`198.51.100.${i}`)))
  expect(others.filter((s) => s === 204)).toHaveLength(180)
  const refused = await takeCspReport(report("192.0.2.3", "{}"), later)
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ code: "too_many_reports", status: 429 })
  warn.mockRestore()
})
