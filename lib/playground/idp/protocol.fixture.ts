/** What the suites of the protocol begin with: a provider of their own, two audiences, and clients that hold one secret. */
import { afterAll, beforeAll, expect } from "vitest"
import { openPool, type Pool } from "../../db/pool.ts"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { isRejection, validateLine } from "../../events/validate.ts"
import { startTestIdp, type TestIdp } from "./testing.ts"

/** Signs JWTs. */
export const payments = "https://payment-service.internal"
/** Its tokens are opaque, and the client `stock` may introspect them. */
export const stock = "https://stock.internal"
export const secret = "a-secret-long-enough-1"

/** For the top of a test file. */
export function protocolIdp() {
  let database: TestDatabase
  let started: TestIdp
  let look: Pool
  beforeAll(async () => {
    database = await testDatabase()
    started = await startTestIdp(database.url)
    look = openPool({ connectionString: database.url, name: "test", max: 2, searchPath: "local_idp" })
    await started.admin("POST", "/audiences", {
      identifier: payments,
      scopes: [{ name: "payments:read" }, { name: "payments:write" }],
    })
    await started.admin("POST", "/audiences", {
      identifier: stock,
      scopes: [{ name: "stock:read" }],
      token_format: "opaque",
      token_ttl_seconds: 60,
      introspectors: ["stock"],
    })
  })
  afterAll(async () => {
    await look.end()
    await started.idp.close()
    await database.drop()
  })
  return {
    idp: () => started,
    look: () => look,
    /** A client with its secret and grants. Answers its id at the provider. */
    async client(name: string, grants: Record<string, readonly string[]>, fields: object = {}): Promise<string> {
      const made = await started.admin("POST", "/clients", {
        client_id: name,
        auth_method: "client_secret_basic",
        ...fields,
      })
      for (const [audience, scopes] of Object.entries(grants))
        await started.admin("POST", "/grants", { client_id: name, audience, scopes })
      const id = String(made.body.id)
      await started.admin("POST", `/clients/${id}/secrets`, { value: secret, fingerprint: `fp_${name}` })
      return id
    },
    token: (name: string, form: Record<string, string> = {}, value = secret) =>
      started.form("/token", { grant_type: "client_credentials", ...form }, `${name}:${value}`),
    async lastLine(): Promise<Record<string, unknown>> {
      const { rows } = await look.query<{ line: Record<string, unknown> }>(
        "select line from outbox order by seq desc limit 1",
      )
      return rows[0]?.line ?? {}
    },
    /** For the end of a test file: there are more than so many lines, and the ingestion takes each as it is. */
    async everyLineIsTaken(moreThan: number): Promise<void> {
      const { rows } = await look.query<{ line: Record<string, unknown> }>("select line from outbox")
      expect(rows.length).toBeGreaterThan(moreThan)
      const window = { nowMs: Date.now(), oldestMs: Date.now() - 86_400_000 }
      for (const { line } of rows) {
        const judged = validateLine(JSON.stringify(line), window)
        if (isRejection(judged)) throw new Error(`${judged.code}: ${JSON.stringify(line)}`)
        expect(judged.reason, JSON.stringify(line)).not.toBe("other")
        expect(judged.secret).toBe(line.secret_fingerprint ?? null)
        expect(judged.givenId).toBe(line.event_id)
      }
    },
  }
}
