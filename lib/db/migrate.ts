import { readdir, readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { openEngine } from "./engine.ts"

const folder = fileURLToPath(new URL("../../prisma/migrations", import.meta.url))
/** Any fixed number: the one advisory lock under which every Grantry process migrates. */
const migrationLock = 4_270_926_121
const filters = { externalTables: [], externalEnums: [] }

/** The database cannot be migrated. One clear line; nothing was changed. */
export class MigrationRefused extends Error {
  readonly code: "database_newer" | "migration_edited" | "migration_failed"
  constructor(code: MigrationRefused["code"], message: string) {
    super(message)
    this.name = "MigrationRefused"
    this.code = code
  }
}

async function migrationList(only: readonly string[] | null) {
  const all = (await readdir(folder, { withFileTypes: true }))
    .filter((e) => e.isDirectory())
    .map((e) => e.name)
    .sort()
  const names = only ? all.filter((name) => only.includes(name)) : all
  const migrationDirectories = await Promise.all(
    names.map(async (path) => ({
      path,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok" as const, value: await readFile(`${folder}/${path}/migration.sql`, "utf8") },
      },
    })),
  )
  const lockfile = { path: "migration_lock.toml", content: 'provider = "postgresql"\n' }
  return { baseDir: folder, lockfile, shadowDbInitScript: "", migrationDirectories }
}

/**
 * Brings the database to this code's schema with Prisma's own engine, under one advisory lock: two processes that start
 * at once do it once. Returns the names that were applied now. Throws MigrationRefused when the database knows
 * migrations that this code does not, or when one was edited or failed. `only` stops at the migrations of a backup, so
 * that its rows meet the tables they came from.
 */
export async function migrate(
  connectionString: string,
  only: readonly string[] | null = null,
): Promise<readonly string[]> {
  const lock = new pg.Client({ connectionString, application_name: "grantry-migrate" })
  await lock.connect()
  try {
    await lock.query("select pg_advisory_lock($1)", [migrationLock])
    const known = (await migrationList(null)).migrationDirectories.map((d) => d.path)
    await refuseNewer(lock, known)
    const unknown = only?.find((name) => !known.includes(name))
    if (unknown)
      throw new MigrationRefused(
        "database_newer",
        `This backup is newer than this code: it has the migration ${unknown}. Update Grantry first.`,
      )
    const migrationsList = await migrationList(only)
    const engine = await openEngine(connectionString)
    try {
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters })
      return appliedMigrationNames
    } catch (error) {
      throw new MigrationRefused(
        "migration_failed",
        `A database migration failed: ${error instanceof Error ? error.message : String(error)}`,
      )
    } finally {
      engine.free()
    }
  } finally {
    await lock.end()
  }
}

async function refuseNewer(client: pg.Client, known: readonly string[]): Promise<void> {
  const exists = await client.query<{ table: string | null }>("select to_regclass('_prisma_migrations')::text as table")
  if (!exists.rows[0]?.table) return
  const applied = await client.query<{ migration_name: string }>(
    "select migration_name from _prisma_migrations where rolled_back_at is null",
  )
  const foreign = applied.rows.map((r) => r.migration_name).filter((name) => !known.includes(name))
  if (foreign.length > 0) {
    throw new MigrationRefused(
      "database_newer",
      `This database is newer than this code: it has the migration ${foreign[0]}. Update Grantry, or use another database.`,
    )
  }
}

/**
 * The SQL that leads from one datamodel to prisma/schema.prisma, for writing the next migration:
 * `git show HEAD:prisma/schema.prisma > old.prisma && npm run db:diff -- old.prisma`. A null `before` is an empty database.
 */
export async function diffSql(connectionString: string, before: string | null): Promise<string> {
  const engine = await openEngine(connectionString)
  const datamodel = (content: string) => ({
    tag: "schemaDatamodel" as const,
    files: [{ path: "schema.prisma", content }],
  })
  try {
    const now = await readFile(new URL("../../prisma/schema.prisma", import.meta.url), "utf8")
    const from = before === null ? { tag: "empty" as const } : datamodel(before)
    const result = await engine.diff({ from, to: datamodel(now), script: true, exitCode: null, filters })
    return result.stdout ?? ""
  } finally {
    engine.free()
  }
}
