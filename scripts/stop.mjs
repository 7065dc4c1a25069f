// npm run stop: asks the running supervisor to drain and waits for it.
import { launch } from "./setup/launch.mjs"

await launch("stop.ts", { quiet: true })
