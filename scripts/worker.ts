// npm run worker: one more worker, beside the one that npm start runs or on another machine (DATABASE_URL, GRANTRY_KEY).
import { readEnv } from "../lib/env.ts"
import { readState } from "./setup/state.ts"

const { databaseUrl, dataDir } = readEnv()
const url = databaseUrl ?? (await readState(dataDir))?.database_url
if (!url) {
  console.error("No database: set DATABASE_URL, or run npm start on this data folder first.")
  process.exit(1)
}
process.env["DATABASE_URL"] = url
await import("../lib/worker/main.ts")
