import { setTimeout as sleep } from "node:timers/promises"
import type { Browser, BrowserContextOptions } from "@playwright/test"
import { z } from "zod"
import type { Api } from "./world.ts"

/** What opening a page costs. Bytes are of compressed JavaScript bodies, as they came over the wire. */
export interface Weight {
  /** Scripts that the document itself names: what must be there before the page can be used. */
  readonly usableBytes: number
  /** And all that came until nothing more came: charts and graphs. */
  readonly allBytes: number
  readonly firstPaintMs: number
}

/** design.md section 8, in bytes: kB there are 1,000. */
export const bars = { usableBytes: 250_000, allBytes: 450_000, firstPaintMs: 1_000 }

const quietMs = 1_000

/** Opens a page with an empty cache and waits until no script came for a second. */
export async function weigh(browser: Browser, options: BrowserContextOptions, path: string): Promise<Weight> {
  const context = await browser.newContext(options)
  let over = false
  try {
    const page = await context.newPage()
    const scripts = new Map<string, number>()
    let last = performance.now()
    page.on("request", (request) => {
      if (request.resourceType() === "script") last = performance.now()
    })
    const sizes: Promise<unknown>[] = []
    page.on("requestfinished", (request) => {
      if (request.resourceType() !== "script") return
      last = performance.now()
      const sized = request.sizes().then((size) => scripts.set(new URL(request.url()).pathname, size.responseBodySize))
      // What came after the page was quiet is not of its weight, and the page may be closed before its size is known.
      sizes.push(
        sized.catch((error: unknown) => {
          if (!over) throw error
        }),
      )
    })
    const answer = await page.goto(path, { waitUntil: "load" })
    if (answer?.status() !== 200) throw new Error(`${path} answered ${answer?.status()}`)
    const document = await answer.text()
    await page.getByRole("heading", { level: 1 }).first().waitFor()
    while (performance.now() - last < quietMs) await sleep(100)
    await Promise.all(sizes)
    const firstPaintMs = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    )
    const sum = (list: readonly (readonly [string, number])[]) => list.reduce((all, [, bytes]) => all + bytes, 0)
    return {
      usableBytes: sum([...scripts].filter(([name]) => document.includes(name))),
      allBytes: sum([...scripts]),
      firstPaintMs,
    }
  } finally {
    over = true
    await context.close()
  }
}

/** Every page of the console, and every tab that draws something of its own. */
export async function everyPage(api: Api): Promise<readonly string[]> {
  const first = async (list: string) => {
    const { items } = await api.call(
      "GET",
      `/${list}?limit=1`,
      z.object({ items: z.array(z.object({ id: z.string() })) }),
    )
    return items[0] ? [`/${list}/${items[0].id}`] : []
  }
  const [clients, audiences, providers, plans, rotations] = await Promise.all(
    ["clients", "audiences", "providers", "plans", "rotations"].map(first),
  )
  const tabs = (pages: readonly string[] | undefined, names: readonly string[]) =>
    (pages ?? []).flatMap((at) => [at, ...names.map((name) => `${at}?tab=${name}`)])
  return [
    "/",
    ...["/clients", "/clients/new"],
    ...tabs(clients, ["grants", "secrets", "activity", "providers", "integrate", "history"]),
    ...["/audiences", "/audiences/new", ...tabs(audiences, ["grants", "activity", "history"])],
    ...["/grants", "/grants?view=matrix", "/grants?view=graph"],
    ...["/providers", "/providers/new?kind=keycloak"],
    ...tabs(providers, ["capabilities", "managed", "drift", "import", "settings"]),
    ...["/plans", ...(plans ?? []), "/rotations", ...(rotations ?? [])],
    ...["/audit", "/insights", "/debugger", "/activity"],
    ...tabs(["/settings"], ["tokens", "sources", "retention", "keys"]),
  ]
}
