// npm run keycloak: a real Keycloak for trying and testing, until Ctrl-C. `-- --port 4400 --file access.json`
import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { startKeycloak } from "./keycloak/server.ts"
import { findTools } from "./keycloak/tools.ts"
import { lineOf } from "./setup/failure.ts"

try {
  const { values } = parseArgs({ options: { port: { type: "string" }, file: { type: "string" } } })
  const tools = await findTools()
  if ("missing" in tools) throw new Error(tools.missing)
  const server = await startKeycloak(tools, values.port === undefined ? undefined : Number(values.port))
  const { stop, ended, ...entry } = server
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop())
  if (values.file !== undefined) await writeFile(values.file, JSON.stringify(entry), { mode: 0o600 })
  console.log(`Keycloak is ready: ${JSON.stringify(entry)}`)
  await ended
} catch (error) {
  console.error(lineOf(error))
  process.exit(1)
}
