import pg from "pg"
import { z } from "zod"
import type { Database } from "./database.ts"
import { lineOf, SetupFailed } from "./failure.ts"

/** The oldest that is supported: README, DATABASE_URL. */
const oldestServer = 16

const connectWithinMs = 5_000

/**
 * A database of the user's: tried once, never stopped. Throws SetupFailed with one line that names host, database and what
 * is missing, never the password.
 */
export async function givenDatabase(url: string): Promise<Database> {
  const at = URL.parse(url)
  const name = at ? `${at.host}${at.pathname}` : "(unreadable address)"
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectWithinMs,
    application_name: "grantry-setup",
  })
  client.on("error", () => {})
  try {
    await client.connect()
    const lacks = missing(await lookAround(client))
    if (lacks) throw new SetupFailed(`Cannot use the database of DATABASE_URL, ${name}: ${lacks}`)
  } catch (error) {
    if (error instanceof SetupFailed) throw error
    throw new SetupFailed(`Cannot use the database of DATABASE_URL, ${name}: ${lineOf(error)}`)
  } finally {
    await client.end().catch(() => {})
  }
  return { url: () => url, mark: () => null, stop: async () => {} }
}

const surroundings = z.object({
  /** Major version of the server. */
  server: z.number(),
  role: z.string(),
  database: z.string(),
  /** A standby, or a role or database set to it. */
  read_only: z.boolean(),
  /** CREATE on the database: schemas, and extensions that are trusted (PostgreSQL 18, CREATE EXTENSION). */
  may_make_schemas: z.boolean(),
  /** CREATE on the schema public: tables, a new event partition every day. */
  may_make_tables: z.boolean(),
  /** As after the first start: the schemas and the extension are there, so nobody needs to make them. */
  made: z.boolean(),
  /** The extension's files lie on the server. */
  has_trigrams: z.boolean(),
})
type Surroundings = z.infer<typeof surroundings>

async function lookAround(client: pg.Client): Promise<Surroundings> {
  const { rows } = await client.query(
    `select current_setting('server_version_num')::int / 10000 as server,
            quote_ident(current_user) as role, quote_ident(current_database()) as database,
            current_setting('transaction_read_only')::boolean as read_only,
            has_database_privilege(current_database(), 'CREATE') as may_make_schemas,
            coalesce(has_schema_privilege(to_regnamespace('public'), 'CREATE'), false) as may_make_tables,
            to_regnamespace('pgboss') is not null and to_regnamespace('local_idp') is not null
              and exists (select from pg_extension where extname = 'pg_trgm') as made,
            exists (select from pg_available_extensions where name = 'pg_trgm') as has_trigrams`,
  )
  return surroundings.parse(rows[0])
}

/** What Grantry would miss there and who can mend it, as the end of a sentence; null when nothing. */
export function missing(at: Surroundings): string | null {
  if (at.server < oldestServer)
    return `it is PostgreSQL ${at.server}, and the oldest that Grantry runs on is ${oldestServer}.`
  if (at.read_only) return "it is read-only (a standby?)."
  if (!at.has_trigrams && !at.made)
    return "the server lacks the extension pg_trgm; it comes with PostgreSQL's contrib package."
  if (!at.may_make_schemas && !at.made)
    return `the role ${at.role} may not make schemas in it. Its owner can allow that: GRANT CREATE ON DATABASE ${at.database} TO ${at.role}`
  if (!at.may_make_tables)
    return `the role ${at.role} may not make tables in its schema public. Its owner can allow that: GRANT CREATE ON SCHEMA public TO ${at.role}`
  return null
}
