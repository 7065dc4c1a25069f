/** What a refused login tells, and what it keeps to itself. */
import { expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { writing } from "../contract-subject.ts"
import { testOpened } from "../memory.fixture.ts"
import { openEntra } from "./entra.ts"

const tenant_id = "11111111-1111-1111-1111-111111111111"
/** Form encoding and percent encoding differ in each of these. */
const client_secret = "a b~c*(d)!e'f"

test("a refused login names the provider's request id, and repeats the secret in no spelling", async () => {
  const bodies: string[] = []
  const fetch: GuardedFetch = async (_url, init) => {
    bodies.push(String(init?.body))
    return {
      status: 400,
      headers: new Headers({ "x-ms-request-id": "req-1" }),
      text: JSON.stringify({ error: "invalid_client", error_description: `${client_secret} in ${String(init?.body)}` }),
    }
  }
  const settings = { tenant_id, client_id: tenant_id, client_secret }
  const error = await writing(openEntra({ providerId: "p1", settings, fetch, ...testOpened() }))
    .observe()
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({
    code: "auth_failed",
    step: "log in",
    httpStatus: 400,
    providerCode: "invalid_client",
    requestId: "req-1",
  })
  const sent = new URLSearchParams({ client_secret }).toString().split("=")[1] ?? ""
  expect(bodies[0]).toContain(sent)
  for (const spelling of [client_secret, sent]) expect((error as { excerpt: string }).excerpt).not.toContain(spelling)
})

test("a refusal of Graph itself names its request id", async () => {
  const fetch: GuardedFetch = async (url) => {
    const login = url.includes("/token")
    const text = JSON.stringify(login ? { access_token: "t", expires_in: 3_600 } : { error: { code: "Forbidden" } })
    return { status: login ? 200 : 403, headers: new Headers({ "request-id": "req-2" }), text }
  }
  const settings = { tenant_id, client_id: tenant_id, client_secret }
  const opened = openEntra({ providerId: "p1", settings, fetch, ...testOpened() })
  await expect(writing(opened).observe()).rejects.toMatchObject({ code: "forbidden", requestId: "req-2" })
})
