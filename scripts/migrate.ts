/** Applies the migrations to DATABASE_URL; `--diff OLD.prisma` prints the SQL from that datamodel to the present one. */
import { readFile } from "node:fs/promises"
import { diffSql, migrate, MigrationRefused } from "../lib/db/migrate.ts"
import { readEnv } from "../lib/env.ts"

const { databaseUrl } = readEnv()
if (!databaseUrl) {
  console.error("DATABASE_URL is not set.")
  process.exit(2)
}
try {
  const diffAt = process.argv.indexOf("--diff")
  const old = process.argv[diffAt + 1]
  if (diffAt > 0) console.log(await diffSql(databaseUrl, old ? await readFile(old, "utf8") : null))
  else await migrate(databaseUrl)
} catch (error) {
  console.error(
    error instanceof MigrationRefused ? error.message : `The database could not be migrated: ${String(error)}`,
  )
  process.exit(1)
}
// The engine's own lock timer would hold the process for ten seconds more.
process.exit(0)
