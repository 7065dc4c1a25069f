import { NextRequest } from "next/server"
import { afterAll, beforeAll, expect, test } from "vitest"
import { parse } from "yaml"
import { providerRow } from "../../lib/registry/registry.fixture.ts"
import { publicUrl, rootToken, startEdge } from "./edge.fixture.ts"
import { GET, PUT } from "./v1/registry/route.ts"

let edge: Awaited<ReturnType<typeof startEdge>>
beforeAll(async () => {
  edge = await startEdge()
  await providerRow("host")
})
afterAll(() => edge.stop())

const empty = "version: 1\n"
const payments = `version: 1
audiences:
  - identifier: https://payments.example
    name: Payments
    token_ttl_seconds: 300
    token_format: jwt
    signing_alg: RS256
    providers: [host]
    scopes:
      - name: payments:write
        description: Charge
`
const call = (query: string, init: { method?: string; body?: string; headers: Record<string, string> }) =>
  (init.method === "PUT" ? PUT : GET)(
    new NextRequest(`${publicUrl}/api/v1/registry${query}`, {
      ...init,
      headers: { authorization: `Bearer ${rootToken}`, ...init.headers },
    }),
    { params: Promise.resolve({}) },
  )
const read = async (query = "", headers: Record<string, string> = {}) => {
  const answer = await call(query, { headers })
  return {
    type: answer.headers.get("content-type"),
    etag: answer.headers.get("etag") ?? "",
    text: await answer.text(),
  }
}
const put = (query: string, body: string, headers: Record<string, string>) =>
  call(query, { method: "PUT", body, headers: { "content-type": "application/yaml", ...headers } })

test("the registry over the API: YAML or JSON by what is accepted, under one ETag; a stale one writes nothing", async () => {
  const yaml = await read("", { accept: "application/yaml" })
  const json = await read()
  expect([yaml.type, json.type, yaml.etag]).toEqual(["application/yaml", "application/json", json.etag])
  expect(parse(yaml.text)).toEqual(JSON.parse(json.text))
  expect((await read("?format=yaml")).text).toBe(yaml.text)

  const dry = await put("?dry_run=1", payments, { "if-match": yaml.etag })
  expect(await dry.json()).toMatchObject({ dry_run: true, changes: [{ verb: "create", kind: "audience" }] })
  expect((await read()).etag).toBe(yaml.etag)
  const done = await put("", payments, { "if-match": yaml.etag })
  expect(done.headers.get("etag")).toBe((await read()).etag)
  const late = await put("", empty, { "if-match": yaml.etag })
  expect([late.status, await late.json()]).toEqual([412, expect.objectContaining({ code: "stale" })])
  const again = await put("", (await read("?format=yaml")).text, {})
  expect(await again.json()).toMatchObject({ changes: [] })
  expect((await put("", "a: &x [*x]", {})).status).toBe(400)
  expect((await put("", empty, {})).status).toBe(200)
})
