import { expect, test } from "@playwright/test"

const id = "019a0000-0000-7000-8000-000000000000"
const pages = [
  "/",
  "/clients",
  "/clients/new",
  `/clients/${id}`,
  "/audiences",
  "/audiences/new",
  `/audiences/${id}`,
  "/grants",
  "/providers",
  "/providers/new",
  `/providers/${id}`,
  "/plans",
  `/plans/${id}`,
  "/rotations",
  `/rotations/${id}`,
  "/audit",
  "/audit?client_id=a&result=failure",
  "/insights",
  "/debugger",
  "/activity",
  "/settings",
  "/settings?tab=tokens",
]

for (const path of pages) {
  test(`${path} leads to the sign-in page before its first byte`, async ({ request }) => {
    const answer = await request.get(path, { maxRedirects: 0 })
    expect(answer.status()).toBe(307)
    const to = new URL(answer.headers()["location"] ?? "", process.env["GRANTRY_E2E_URL"])
    expect(to.pathname).toBe("/login")
    expect(to.searchParams.get("next")).toBe(path === "/" ? null : path)
    expect(await answer.text()).not.toContain("<main")
  })
}

test("a forged session cookie opens no page", async ({ request, baseURL }) => {
  const port = new URL(baseURL ?? "").port
  for (const name of ["grantry-session", `grantry-session-${port}`]) {
    const answer = await request.get("/clients", {
      maxRedirects: 0,
      headers: { cookie: `${name}=eyJhbGciOiJub25lIn0.e30.` },
    })
    expect([303, 307]).toContain(answer.status())
    expect(answer.headers()["location"]).toContain("/login")
  }
})

test("the headers that a proxy would need cannot be smuggled past it", async ({ request }) => {
  const answer = await request.get("/clients", {
    maxRedirects: 0,
    headers: { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy", "x-grantry-path": "/login" },
  })
  expect(answer.status()).toBe(307)
})

test("every answer carries the security headers, and the policy a nonce of its own", async ({ request }) => {
  const policies = []
  for (const path of ["/login", "/login"]) {
    const answer = await request.get(path)
    const headers = answer.headers()
    const policy = headers["content-security-policy"] ?? ""
    policies.push(policy)
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("object-src 'none'")
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/)
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? ""
    expect(Buffer.from(nonce, "base64").length).toBeGreaterThanOrEqual(16)
    const scripts = [...(await answer.text()).matchAll(/<script\b[^>]*>/g)].map((m) => m[0])
    expect(scripts.length).toBeGreaterThan(0)
    expect(scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`))).toEqual([])
    expect(headers["x-content-type-options"]).toBe("nosniff")
    expect(headers["referrer-policy"]).toBe("no-referrer")
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin")
    expect(headers["cache-control"]).toContain("no-store")
    expect(headers["x-powered-by"]).toBeUndefined()
  }
  expect(policies[0]).not.toBe(policies[1])
})

test("the API says 401 as a problem, not a page", async ({ request }) => {
  const answer = await request.get("/api/v1/clients", { maxRedirects: 0 })
  expect(answer.status()).toBe(401)
  expect(answer.headers()["content-type"]).toContain("application/problem+json")
})

test("a request of another site with a cookie changes nothing", async ({ request }) => {
  const answer = await request.post("/api/v1/audiences", {
    headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    data: {},
  })
  expect([401, 403]).toContain(answer.status())
})
