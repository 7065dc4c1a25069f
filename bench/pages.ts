/** Every page of the console in Chromium, cold cache, production build: JavaScript until usable and in all, first paint. */
import { bars, everyPage, weigh } from "../e2e/weight.ts"
import { makeWorld } from "../e2e/world.ts"
import { openConsole } from "./console.ts"

const at = await openConsole()
let over = 0
try {
  await makeWorld(at.api, "pages")
  const kB = (bytes: number) => (bytes / 1000).toFixed(0).padStart(5)
  console.log("page                              usable kB   all kB   first paint ms")
  for (const path of await everyPage(at.api)) {
    const found = await weigh(at.browser, at.options, path)
    const bad = (["usableBytes", "allBytes", "firstPaintMs"] as const).filter((name) => found[name] > bars[name])
    over += bad.length
    const name = path.replace(/[0-9a-f-]{36}/, "[id]").padEnd(34)
    const words = bad.length > 0 ? `   over the bar: ${bad.join(", ")}` : ""
    console.log(
      `${name}    ${kB(found.usableBytes)}    ${kB(found.allBytes)}   ${found.firstPaintMs.toFixed(0).padStart(8)}${words}`,
    )
  }
} finally {
  await at.stop()
}
process.exit(over > 0 ? 1 : 0)
