// npm run reset: forgets everything in the data folder, after asking. A database of DATABASE_URL is never emptied.
import { readEnv } from "../lib/env.ts"
import { command } from "./setup/offline.ts"
import { reset } from "./setup/reset.ts"

await command(() => reset(readEnv(), process.argv.includes("--yes"), { input: process.stdin, output: process.stdout }))
