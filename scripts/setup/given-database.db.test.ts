import { randomBytes } from "node:crypto"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { migrate } from "../../lib/db/migrate.ts"
import { givenDatabase, missing } from "./given-database.ts"

const server = process.env["DATABASE_URL"] ?? ""
const name = `grantry_given_${randomBytes(6).toString("hex")}`
const role = `${name}_role`
const password = randomBytes(12).toString("hex")

/** The server's address for another login, password and database. */
function address(login: { role?: string; password?: string; database?: string; host?: string } = {}): string {
  const url = new URL(server)
  url.username = login.role ?? role
  url.password = login.password ?? password
  url.pathname = `/${login.database ?? name}`
  if (login.host) url.hostname = login.host
  return url.href
}

async function asAdmin(database: string, ...statements: readonly string[]): Promise<void> {
  const url = new URL(server)
  url.pathname = `/${database}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    for (const sql of statements) await client.query(sql)
  } finally {
    await client.end()
  }
}

beforeAll(() => asAdmin("postgres", `create role ${role} login password '${password}'`, `create database ${name}`))
afterAll(() => asAdmin("postgres", `drop database ${name} with (force)`, `drop role ${role}`))

describe("a database of the user's", () => {
  test("whose role may not make schemas is refused with the grant that mends it", async () => {
    await expect(givenDatabase(address())).rejects.toThrow(
      `the role ${role} may not make schemas in it. Its owner can allow that: GRANT CREATE ON DATABASE ${name} TO ${role}`,
    )
  })

  test("whose role may not make tables is refused with the grant that mends it", async () => {
    await asAdmin(name, `grant create on database ${name} to ${role}`)
    await expect(givenDatabase(address())).rejects.toThrow(`GRANT CREATE ON SCHEMA public TO ${role}`)
  })

  test("is taken, and migrated, by an ordinary role with both grants", async () => {
    await asAdmin(name, `grant create on schema public to ${role}`)
    const { url } = await givenDatabase(address())
    expect((await migrate(url())).length).toBeGreaterThan(0)
  })

  test.each<[string, { password?: string; database?: string; host?: string }, RegExp]>([
    ["a wrong password", { password: "wrong-word" }, /password authentication failed/],
    ["a database that is not there", { database: "nowhere_at_all" }, /"nowhere_at_all" does not exist/],
    ["a host that is not there", { host: "db.invalid" }, /db\.invalid/],
  ])("%s is told in one line without the password", async (_, login, says) => {
    const refused = await givenDatabase(address(login)).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Error)
    const line = refused instanceof Error ? refused.message : ""
    expect(line).toMatch(says)
    expect(line).toMatch(/^Cannot use the database of DATABASE_URL, /)
    expect(line.split("\n")).toHaveLength(1)
    expect(line).not.toContain(login.password ?? password)
  })
})

describe("what a server lacks", () => {
  const good = {
    server: 18,
    role: "grantry",
    database: "grantry",
    read_only: false,
    may_make_schemas: true,
    may_make_tables: true,
    made: false,
    has_trigrams: true,
  }

  test.each([
    ["nothing", {}, null],
    ["an old server", { server: 15 }, /PostgreSQL 15, and the oldest that Grantry runs on is 16/],
    ["a standby", { read_only: true }, /read-only/],
    ["no trigrams", { has_trigrams: false }, /pg_trgm/],
    ["the right to make schemas that are there already", { may_make_schemas: false, made: true }, null],
  ])("%s", (_, other, says) => {
    const found = missing({ ...good, ...other })
    if (says === null) expect(found).toBeNull()
    else expect(found).toMatch(says)
  })
})
