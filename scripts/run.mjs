// npm run NAME: installs what is missing and runs scripts/NAME.ts on the pinned Node, with the arguments that follow.
import { launch } from "./setup/launch.mjs"

const [name] = process.argv.splice(2, 1)
if (!/^[a-z-]+$/.test(name ?? "")) {
  console.error("Say which script of this folder: node scripts/run.mjs NAME")
  process.exit(1)
}
await launch(`${name}.ts`, { conditions: ["react-server"] })
