import { describe, expect, test } from "vitest"
import { manifest } from "./v1/openapi.json/manifest.ts"
import { refuseMethod } from "../../lib/web/method.ts"

const written = ["GET", "POST", "PUT", "PATCH", "DELETE"]
const addressOf = (folder: string) => `/api/v1/${folder.replace(/\[\w+\]/g, "0190-x")}`

describe("an address refuses the methods that it does not have", () => {
  test.each(manifest.map(([folder, module]) => ({ folder, module })))("/api/v1/$folder", async ({ folder, module }) => {
    const own = written.filter((method) => typeof Reflect.get(module, method) === "function")
    expect(own.length).toBeGreaterThan(0)
    const allowed = [...own, ...(own.includes("GET") ? ["HEAD"] : []), "OPTIONS"]
    for (const method of allowed) expect(refuseMethod(addressOf(folder), method)).toBeNull()
    for (const method of [...written, "HEAD", "TRACE", "PROPFIND"].filter((m) => !allowed.includes(m))) {
      const answer = refuseMethod(addressOf(folder), method)
      expect(answer?.status).toBe(405)
      expect(answer?.headers.get("content-type")).toBe("application/problem+json")
      expect(answer?.headers.get("allow")).toBe(allowed.join(", "))
      expect(await answer?.json()).toMatchObject({ code: "method_not_allowed", status: 405, allow: allowed })
    }
  })
})

test.each([
  ["/healthz", "POST", "GET, HEAD, OPTIONS"],
  ["/metrics", "DELETE", "GET, HEAD, OPTIONS"],
  ["/api/csp", "GET", "POST, OPTIONS"],
  ["/api/auth/callback/credentials", "PUT", "GET, POST, HEAD, OPTIONS"],
  ["/api/v1/openapi.json", "POST", "GET, HEAD, OPTIONS"],
  ["/api/v1/events/export", "PATCH", "GET, HEAD, OPTIONS"],
])("%s refuses %s", (path, method, allow) => expect(refuseMethod(path, method)?.headers.get("allow")).toBe(allow))

test.each(["/api/v1/nothing", "/api", "/clients", "/api/v1/openapiXjson"])("%s is no such address", (path) =>
  expect(refuseMethod(path, "POST")).toBeNull(),
)
