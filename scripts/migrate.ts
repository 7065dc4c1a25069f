/** Applies the migrations to DATABASE_URL, or prints what they lack (`--diff`). */
import { diffSql, migrate, MigrationRefused } from "../lib/db/migrate.ts"
import { readEnv } from "../lib/env.ts"

const { databaseUrl } = readEnv()
if (!databaseUrl) {
  console.error("DATABASE_URL is not set.")
  process.exit(2)
}
try {
  if (process.argv.includes("--diff")) console.log(await diffSql(databaseUrl))
  else await migrate(databaseUrl)
} catch (error) {
  console.error(error instanceof MigrationRefused ? error.message : `The database could not be migrated: ${String(error)}`)
  process.exit(1)
}
