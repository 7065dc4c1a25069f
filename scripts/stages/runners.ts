import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { z } from "zod"
import { pinned, root } from "../setup/root.ts"
import { run } from "../setup/run.ts"
import { failuresFirst } from "./report.ts"
import type { Counts } from "./stage.ts"

export interface RunnerOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** Vitest's JSON reporter: a file that cannot even be loaded has no tests but status "failed". */
const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
})

/** One project of vitest.config.ts. */
export function vitest(project: string, options: RunnerOptions): Promise<Counts> {
  const args = ["node_modules/vitest/vitest.mjs", "run", "--project", project, "--reporter=default", "--reporter=json"]
  return counted(
    (file) => ({ args: [...args, `--outputFile.json=${file}`], env: { NO_COLOR: "1", FORCE_COLOR: undefined } }),
    options,
    (json) => {
      const report = vitestReport.parse(json)
      const unloadable = report.testResults.filter(
        (file) => file.status === "failed" && file.assertionResults.length === 0,
      ).length
      return {
        passed: report.numPassedTests,
        failed: report.numFailedTests + unloadable,
        skipped: report.numPendingTests + report.numTodoTests,
      }
    },
  )
}

const playwrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(z.unknown()),
})

/** All journeys. A test that only passed on a second try has failed. */
export function playwright(options: RunnerOptions): Promise<Counts> {
  const args = ["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"]
  return counted(
    (file) => ({ args, env: { PLAYWRIGHT_JSON_OUTPUT_NAME: file, FORCE_COLOR: "0", NO_COLOR: undefined } }),
    options,
    (json) => {
      const { stats, errors } = playwrightReport.parse(json)
      return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped }
    },
  )
}

type Numbers = Pick<Counts, "passed" | "failed" | "skipped">

interface Command {
  readonly args: readonly string[]
  /** Of NO_COLOR and FORCE_COLOR the one that this runner heeds: where a process finds both, Node warns. */
  readonly env: Readonly<Record<string, string | undefined>>
}

async function counted(
  command: (reportFile: string) => Command,
  options: RunnerOptions,
  read: (json: unknown) => Numbers,
): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "grantry-report-"))
  const file = join(folder, "report.json")
  try {
    const { args, env: own } = command(file)
    const env: NodeJS.ProcessEnv = { ...process.env, ...own, ...options.env }
    const done = await run(pinned, args, { cwd: root, env, signal: options.signal, timeoutMs: options.timeoutMs })
    const text = await readFile(file, "utf8").catch(() => null)
    const numbers = text === null ? { passed: 0, failed: 0, skipped: 0 } : read(JSON.parse(text))
    // A runner that ends badly without a failing test (it crashed, or ran out of time) is a failure too.
    const failed = done.code !== 0 && numbers.failed === 0 ? 1 : numbers.failed
    return { ...numbers, failed, report: failed > 0 ? failuresFirst(done.text) : "" }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
