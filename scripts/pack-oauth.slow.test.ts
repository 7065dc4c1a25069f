import { execFile, execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { gunzipSync } from "node:zlib"
import { CompactSign, exportJWK, generateKeyPair } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { typescript } from "../lib/snippets/typescript.ts"
import { packFolder, packOauth } from "./pack-oauth.ts"

/** The package, installed by npm without a network into an empty folder, and a service there that uses nothing else. */
const root = resolve(import.meta.dirname, "..")
const folder = mkdtempSync(join(tmpdir(), "grantry-oauth-"))
const consumer = join(folder, "consumer")
const lines: Record<string, unknown>[] = []
const asked: { readonly authorization: string; readonly form: Record<string, string> }[] = []
let idp: Server
let service: ChildProcess
let serviceUrl = ""
let sign: (claims: object) => Promise<string>
let issuer = ""

const serviceCode = `
import { createServer } from "node:http"
import { TokenManager, createEventShipper, createHttpClient, createVerifier, providerConfig, requireScope } from "grantry/oauth"

const { TOKEN_ISSUER, EVENTS_URL } = process.env
const shipper = createEventShipper({ url: EVENTS_URL, token: "gty_test", lingerMs: 20 })
const verifier = createVerifier({ issuer: TOKEN_ISSUER, audience: "https://payment-service.internal", algorithms: ["ES256"] })
const tokens = new TokenManager({
  provider: providerConfig("generic", { issuer: TOKEN_ISSUER }),
  clientId: "payment-service",
  auth: { method: "client_secret_basic", secret: "s" },
})
const guard = (scope, handler) => requireScope(scope, { verifier, onEvent: shipper.add }).node(handler)
const self = () => "http://127.0.0.1:" + server.address().port
const routes = {
  "/charge": guard("payments:write", (req, res, access) => res.end(JSON.stringify({ success: true, processedFor: access.caller }))),
  "/relay": guard([], async (req, res) => {
    const call = createHttpClient({ tokens, request: { scope: "payments:write", audience: "https://payment-service.internal" } })
    const answer = await call(self() + "/charge", { method: "POST" })
    res.end(await answer.text())
  }),
}
const server = createServer((req, res) => routes[req.url](req, res)).listen(0, "127.0.0.1", () => process.send(self()))
`

const typedCode = `
import { TokenManager, TokenRejected, createVerifier, providerConfig, type Verified } from "grantry/oauth"
const manager: TokenManager = new TokenManager({
  provider: providerConfig("keycloak", { baseUrl: "https://kc.example", realm: "r" }),
  clientId: "c",
  auth: { method: "client_secret_post", secret: "s" },
})
export const token: Promise<string> = manager.get({ scope: "a" }).then(({ token }) => token)
export const access: Promise<Verified> = createVerifier({ issuer: "i", audience: "a" }).verify("t")
export const isRefusal = (error: unknown): boolean => error instanceof TokenRejected && error.status === 401
// @ts-expect-error an authentication method that does not exist
new TokenManager({ provider: providerConfig("okta", { domain: "d" }), clientId: "c", auth: { method: "none" } })
`

async function read(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}

/** A small authorization server and ingestion: the other side of the wire, not a part of the package. */
async function startIdp(): Promise<void> {
  const pair = await generateKeyPair("ES256", { extractable: true })
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: "k", alg: "ES256", use: "sig" }
  sign = (claims) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: "ES256", kid: "k", typ: "at+jwt" })
      .sign(pair.privateKey)
  idp = createServer((request, response) => {
    const answer = (body: unknown) => response.setHeader("content-type", "application/json").end(JSON.stringify(body))
    void (async () => {
      const body = await read(request)
      if (request.url === "/.well-known/openid-configuration")
        answer({ issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` })
      else if (request.url === "/jwks") answer({ keys: [jwk] })
      else if (request.url === "/token") {
        const form = Object.fromEntries(new URLSearchParams(body.toString()))
        asked.push({ authorization: request.headers.authorization ?? "", form })
        answer({ access_token: await sign(claims("payment-service")), token_type: "Bearer", expires_in: 300 })
      } else {
        const sent = gunzipSync(body)
          .toString()
          .trim()
          .split("\n")
          .map((one) => JSON.parse(one) as Record<string, unknown>)
        lines.push(...sent)
        answer({ received: sent.length, stored: sent.length, duplicates: 0, rejected: [] })
      }
    })()
  })
  await new Promise<void>((done) => idp.listen(0, "127.0.0.1", done))
  issuer = `http://127.0.0.1:${(idp.address() as AddressInfo).port}`
}

const claims = (client: string, over: object = {}) => ({
  iss: issuer,
  aud: "https://payment-service.internal",
  sub: client,
  client_id: client,
  exp: Math.floor(Date.now() / 1000) + 300,
  scope: "payments:write",
  ...over,
})

const call = async (path: string, token?: string): Promise<[number, unknown]> => {
  const answer = await fetch(
    serviceUrl + path,
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  )
  return [answer.status, await answer.json()]
}

beforeAll(async () => {
  const tarballs = [packOauth(folder), packFolder(join(root, "node_modules/jose"), folder)]
  mkdirSync(consumer)
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))
  execFileSync(
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", ...tarballs],
    { cwd: consumer },
  )
  writeFileSync(join(consumer, "service.mjs"), serviceCode)
  writeFileSync(join(consumer, "typed.ts"), typedCode)
  await startIdp()
  service = spawn(process.execPath, ["service.mjs"], {
    cwd: consumer,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { NODE_ENV: "test", PATH: process.env["PATH"], TOKEN_ISSUER: issuer, EVENTS_URL: `${issuer}/events` },
  })
  serviceUrl = await new Promise<string>((started, failed) => {
    service.once("message", (url) => started(String(url)))
    service.once("exit", (code) => failed(new Error(`the service ended with ${code}`)))
  })
}, 120_000)

afterAll(() => {
  service?.kill()
  idp?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe("grantry/oauth, packed and installed alone", () => {
  it("brings jose and nothing else", () => {
    const listed = JSON.parse(execFileSync("npm", ["ls", "--all", "--json"], { cwd: consumer, encoding: "utf8" })) as {
      dependencies: Record<string, unknown>
    }
    expect(Object.keys(listed.dependencies).sort()).toEqual(["grantry", "jose"])
  })

  it("guards a service in the agreed words", async () => {
    expect(await call("/charge")).toEqual([401, { error: "Missing Bearer token" }])
    expect(await call("/charge", await sign(claims("order-service")))).toEqual([
      200,
      { success: true, processedFor: "order-service" },
    ])
    expect(await call("/charge", await sign(claims("order-service", { exp: 1 })))).toEqual([
      401,
      { error: "Token expired" },
    ])
    expect(await call("/charge", await sign(claims("order-service", { scope: "payments:read" })))).toEqual([
      403,
      { error: "Insufficient scope", required: ["payments:write"], missing: ["payments:write"] },
    ])
  })

  it("fetches its own token by discovery and calls with it", async () => {
    expect(await call("/relay", await sign(claims("order-service")))).toEqual([
      200,
      { success: true, processedFor: "payment-service" },
    ])
  })

  it("ships what it saw", async () => {
    await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(6)
    expect(lines.map(({ failure_reason }) => failure_reason ?? "ok")).toEqual([
      "missing_token",
      "ok",
      "expired",
      "insufficient_scope",
      "ok",
      "ok",
    ])
  })

  it("runs the TypeScript of the Integrate tab as it is copied: a token for that audience and scope, and a call with it", async () => {
    const code = typescript({
      client_id: "order-service",
      auth_method: "client_secret_basic",
      issuer,
      token_endpoint: `${issuer}/token`,
      parameters: { resource: `${serviceUrl}/charge`, scope: "payments:write" },
      audience: `${serviceUrl}/charge`,
    })
    writeFileSync(join(consumer, "copied.ts"), code)
    asked.length = 0
    const env = { NODE_ENV: "test" as const, PATH: process.env["PATH"], CLIENT_SECRET: "the secret" }
    const { stdout } = await promisify(execFile)(process.execPath, ["copied.ts"], { cwd: consumer, env })
    expect(stdout).toBe("200\n")
    expect(asked).toEqual([
      {
        authorization: `Basic ${Buffer.from("order-service:the+secret").toString("base64")}`,
        form: { grant_type: "client_credentials", scope: "payments:write", resource: `${serviceUrl}/charge` },
      },
    ])
  })

  it("carries types that a strict consumer can use", () => {
    const compilerOptions = { noEmit: true, strict: true, target: "es2024", module: "nodenext", types: [] }
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed.ts"] }))
    const tsc = join(root, "node_modules/typescript/bin/tsc")
    const said = spawnSync(process.execPath, [tsc, "-p", "."], { cwd: consumer, encoding: "utf8" }).stdout
    expect(said).toBe("")
  })
})
