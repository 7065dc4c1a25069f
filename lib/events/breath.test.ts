import { expect, test } from "vitest"
import { Pace } from "./breath.ts"

const burn = (ms: number) => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test("many long loops at once let the event loop turn between any two of their slices", async () => {
  const order: string[] = []
  let running = true
  const turns = (async () => {
    while (running) {
      await new Promise((resolve) => setImmediate(resolve))
      order.push("turn")
    }
  })()
  const loop = async (name: string) => {
    const pace = new Pace()
    for (let i = 0; i < 3; i++) {
      burn(14)
      order.push(name)
      await pace.rest()
    }
  }
  await Promise.all(["a", "b", "c", "d"].map(loop))
  running = false
  await turns
  // The first slices run as the loops are started; after that never two without a turn between them.
  const later = order.slice(4)
  for (let i = 1; i < later.length; i++)
    expect([later[i - 1], later[i]].filter((x) => x !== "turn").length).toBeLessThan(2)
  expect(order.filter((x) => x !== "turn")).toHaveLength(12)
})
