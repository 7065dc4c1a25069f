import { expect, signIn, test } from "./console.ts"
import { ceiling, everyPage, weigh } from "./weight.ts"
import { makeWorld } from "./world.ts"

test("no page needs more JavaScript than the ceiling", async ({ page, api, browser, baseURL }) => {
  await makeWorld(api, "weight")
  await signIn(page)
  const options = { baseURL: baseURL ?? "", storageState: await page.context().storageState() }
  const tooHeavy: string[] = []
  for (const path of await everyPage(api)) {
    const { usableBytes, allBytes } = await weigh(browser, options, path)
    if (usableBytes > ceiling.usableBytes || allBytes > ceiling.allBytes || usableBytes < 50_000)
      tooHeavy.push(`${path}: ${usableBytes} bytes until it is usable, ${allBytes} in all`)
  }
  expect(tooHeavy).toEqual([])
})
