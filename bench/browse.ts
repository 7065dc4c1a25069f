/**
 * The lists of a large registry in Chromium, production build: 10,000 clients, 100 audiences, 30,000 grants. First paint,
 * rows on the screen, from a keystroke in the search field to its rows, the next page. BENCH_CLIENTS takes another size.
 */
import pg from "pg"
import type { Page } from "@playwright/test"
import { openConsole } from "./console.ts"

const clients = Number(process.env["BENCH_CLIENTS"] ?? 10_000)
const rounds = 5

/** Written as the commands would write them, but for the trail: 100 clients to a team, three grants to a client. */
const seed = [
  `insert into client (id, name, display_name, owner, auth_method, tags, updated_at)
     select gen_random_uuid(), 'service-' || lpad(n::text, 5, '0'), 'Service ' || n, 'team-' || n % 100, 'client_secret_basic', '{}', now()
       from generate_series(1, $1::int) n`,
  `insert into audience (id, identifier, name, token_ttl_seconds, token_format, signing_alg, tags, updated_at)
     select gen_random_uuid(), 'https://api-' || n || '.internal', 'API ' || n, 300, 'jwt', 'RS256', '{}', now() from generate_series(1, 100) n`,
  `insert into scope (id, audience_id, name) select gen_random_uuid(), id, word from audience, unnest(array['read', 'write', 'admin']) word`,
  `insert into client_provider select c.id, p.id from client c, provider p where p.kind = 'local'`,
  `insert into audience_provider select a.id, p.id from audience a, provider p where p.kind = 'local'`,
  `insert into audience_grant (id, client_id, audience_id, reason, created_by, updated_at)
     select gen_random_uuid(), c.id, a.id, 'It calls it', 'bench', now()
       from (select id, row_number() over (order by name) n from client) c
       cross join generate_series(0, 2) k
       join (select id, row_number() over (order by name) n from audience) a on a.n = 1 + (c.n + k * 33) % 100`,
  `insert into grant_scope (grant_id, scope_id)
     select g.id, s.id from audience_grant g join scope s on s.audience_id = g.audience_id and s.name = 'read'`,
  "analyze",
]

async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const sql of seed) await client.query(sql, sql.includes("$1") ? [clients] : [])
  } finally {
    await client.end()
  }
}

/** A row of a list that is there, not its placeholder. */
const row = "tbody tr:not(:has([class*=Skeleton]))"

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
const show = (name: string, times: readonly number[]) =>
  console.log(
    `${name.padEnd(52)} median ${median(times).toFixed(0).padStart(6)} ms   worst ${Math.max(...times)
      .toFixed(0)
      .padStart(6)} ms`,
  )

/** From a page's first byte asked for: first paint, and its first row (or, without a table, its heading). */
async function open(page: Page, path: string): Promise<void> {
  const paints: number[] = []
  const rows: number[] = []
  for (let i = 0; i < rounds; i++) {
    const began = performance.now()
    await page.goto(path)
    await page.locator(`main ${row}, main h1`).last().waitFor()
    rows.push(performance.now() - began)
    paints.push(
      await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN),
    )
  }
  show(`${path}: first paint`, paints)
  show(`${path}: first row`, rows)
}

async function search(page: Page, path: string, words: readonly string[]): Promise<void> {
  const times: number[] = []
  await page.goto(path)
  await page.locator(row).first().waitFor()
  const field = page.locator("main").getByRole("searchbox").first()
  for (const word of words) {
    await field.fill("")
    await page.waitForTimeout(1_000)
    const began = performance.now()
    await field.pressSequentially(word)
    await page.waitForFunction(
      (wanted) => {
        const all = [...document.querySelectorAll("main tbody tr")]
        return all.length > 0 && all.every((row) => row.textContent.includes(wanted))
      },
      word,
      { polling: 20 },
    )
    times.push(performance.now() - began)
  }
  show(`${path}: from the first key of a word to its rows`, times)
}

async function next(page: Page, path: string): Promise<void> {
  const times: number[] = []
  await page.goto(path)
  for (let i = 0; i < rounds; i++) {
    const button = page.locator("main").getByRole("button", { name: "Show more" }).first()
    await button.waitFor()
    const before = await page.locator("main tbody tr").count()
    const began = performance.now()
    await button.click()
    await page.waitForFunction((n) => document.querySelectorAll("main tbody tr").length > n, before, { polling: 20 })
    times.push(performance.now() - began)
  }
  show(`${path}: the next rows`, times)
}

const at = await openConsole()
try {
  await fill(await at.stack.databaseUrl())
  const context = await at.browser.newContext(at.options)
  const page = await context.newPage()
  for (const path of ["/", "/clients", "/audiences", "/grants", "/plans"]) await open(page, path)
  await search(page, "/clients", ["service-09", "service-0042", "team-77"])
  await search(page, "/audiences", ["api-7", "api-99"])
  await search(page, "/grants", ["service-09", "api-42"])
  for (const path of ["/clients", "/grants"]) await next(page, path)
} finally {
  await at.stop()
}
process.exit(0)
