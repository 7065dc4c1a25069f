// npm start: from a fresh clone to a running console. Everything after the installation is in supervisor.ts.
import { launch } from "./setup/launch.mjs"

await launch("supervisor.ts")
