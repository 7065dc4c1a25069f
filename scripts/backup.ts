// npm run backup -- FILE: every row of registry, events and local identity provider, while Grantry runs or not.
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { readEnv } from "../lib/env.ts"
import { writeArchive } from "./archive/write.ts"
import { SetupFailed } from "./setup/failure.ts"
import { command, withDatabase } from "./setup/offline.ts"

await command(async () => {
  const given = process.argv[2]
  if (!given) throw new SetupFailed("Say where to: npm run backup -- grantry.backup")
  const file = resolve(given)
  if (existsSync(file)) throw new SetupFailed(`${file} exists already. Choose another name.`)
  const settings = readEnv()
  if (!settings.databaseUrl && !existsSync(join(settings.dataDir, "postgres.json")))
    throw new SetupFailed(`There is no database in ${settings.dataDir} yet.`)
  const { tables, rows } = await withDatabase(settings, (url) => writeArchive(url, file))
  const key = settings.key === null ? join(settings.dataDir, "key") : "GRANTRY_KEY"
  return `Wrote ${rows} rows of ${tables} tables to ${file}.\nThe key-encryption key (${key}) is not in it, and without it no secret in it can be read: keep a copy of the key elsewhere.`
})
