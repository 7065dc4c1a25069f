import { expect, signIn, test } from "./console.ts"
import { bars, everyPage, weigh } from "./weight.ts"
import { makeScene } from "./scene.ts"

/** Pages are waited for, not worked on: several fit side by side. */
const atOnce = 2

// Three dozen pages' films would weigh more than the pages.
test.use({ trace: "off", screenshot: "off" })

test("no page needs more JavaScript than design.md allows", async ({ page, api, browser, baseURL }) => {
  test.setTimeout(600_000) // three dozen pages, each until it is quiet
  await makeScene(api, `weight-${Date.now()}`)
  await signIn(page)
  const options = { baseURL: baseURL ?? "", storageState: await page.context().storageState() }
  const pages = await everyPage(api)
  const waiting = pages.values()
  const tooHeavy: string[] = []
  const weighed: string[] = []
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const path of waiting) {
        const { usableBytes, allBytes } = await weigh(browser, options, path)
        // Less than React itself: then it is not the page that was weighed.
        expect(usableBytes, path).toBeGreaterThan(100_000)
        weighed.push(path)
        if (usableBytes > bars.usableBytes || allBytes > bars.allBytes)
          tooHeavy.push(`${path}: ${usableBytes} bytes until it is usable, ${allBytes} in all`)
      }
    }),
  )
  expect(tooHeavy).toEqual([])
  expect(weighed.toSorted()).toEqual(pages.toSorted())
})
