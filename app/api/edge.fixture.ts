import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NextRequest } from "next/server"
import { vi } from "vitest"
import { ensureApiToken } from "../../lib/auth/api-tokens.ts"
import { allPermissions } from "../../lib/auth/permissions.ts"
import { systemActor } from "../../lib/auth/system.ts"
import { testDatabase, type TestDatabase } from "../../lib/db/testing.ts"
import { createAudience } from "../../lib/registry/audiences/commands.ts"
import { createClient } from "../../lib/registry/clients/commands.ts"
import { createGrant } from "../../lib/registry/grants/commands.ts"
import { person } from "../../lib/registry/registry.fixture.ts"
import { audienceInput, clientInput, grantInput } from "../../lib/registry/schema.ts"
import { runtime } from "../../lib/runtime.ts"

export const publicUrl = "https://grantry.example"
/** A token with every permission, for tests that are not about authentication. */
export const rootToken = `gty_${"t".repeat(40)}`

/** This process as a console of its own: a database, a data folder with keys, and the settings that name them. */
export async function startEdge(): Promise<{ database: TestDatabase; stop: () => Promise<void> }> {
  const database = await testDatabase()
  const folder = mkdtempSync(join(tmpdir(), "grantry-edge-"))
  writeFileSync(join(folder, "session-secret"), "s".repeat(43))
  writeFileSync(join(folder, "key"), Buffer.alloc(32, 7).toString("base64url"))
  const settings = {
    DATABASE_URL: database.url,
    GRANTRY_DATA_DIR: folder,
    GRANTRY_PUBLIC_URL: publicUrl,
    GRANTRY_KEY: `file:${join(folder, "key")}`,
  }
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  runtime()
  await ensureApiToken(systemActor("test"), rootToken, "root", allPermissions, null)
  return {
    database,
    async stop() {
      vi.unstubAllEnvs()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Handler = (
  request: NextRequest,
  context: { params: Promise<Record<string, string | string[]>> },
) => Promise<Response>

/** Calls a route's handler with a real request, as the server would. */
export async function ask(
  handler: Handler,
  path: string,
  options: {
    token?: string
    body?: unknown
    method?: string
    params?: Record<string, string>
    headers?: Record<string, string>
  } = {},
): Promise<{ status: number; headers: Headers; text: string; body: Record<string, unknown> }> {
  const { token, body, method = body === undefined ? "GET" : "POST", params = {} } = options
  const answer = await handler(
    new NextRequest(`${publicUrl}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
    { params: Promise.resolve(params) },
  )
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
  }
}

/** A client with a grant of these scopes on a new audience. */
export async function granted(
  providerId: string,
  client: string,
  identifier: string,
  scopes: readonly string[],
): Promise<{ clientId: string; audienceId: string; grantId: string }> {
  const ada = person("admin")
  const made = await createClient(
    ada,
    clientInput.parse({ name: client, owner: "team", auth_method: "client_secret_basic", provider_ids: [providerId] }),
  )
  const audience = await createAudience(
    ada,
    audienceInput.parse({
      identifier,
      name: identifier,
      token_ttl_seconds: 300,
      token_format: "jwt",
      signing_alg: "RS256",
      scopes: scopes.map((name) => ({ name })),
    }),
  )
  const grant = await createGrant(
    ada,
    grantInput.parse({ client, audience: identifier, scopes: [...scopes], reason: "a test" }),
  )
  return { clientId: made.id, audienceId: audience.id, grantId: grant.id }
}
