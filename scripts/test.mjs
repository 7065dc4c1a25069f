// npm test: everything from a fresh clone; the stages are in test.ts.
import { launch } from "./setup/launch.mjs"

await launch("test.ts")
