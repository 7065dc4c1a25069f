import { keepRunning, trimLog, type Child, type ChildSpec } from "./child.ts"
import { SetupFailed } from "./failure.ts"
import type { ProcessMark } from "./process.ts"
import { say } from "./say.ts"

/** All children but Postgres, started together and stopped in reverse order. */
export interface Family {
  marks(): Record<string, ProcessMark>
  /** Rejects when a child fails again and again before `settled` was called. */
  readonly failed: Promise<never>
  /** From now on a crash is only told and mended. */
  settled(): void
  stop(graceMs: number): Promise<void>
}

const hopelessAfter = 4
const logCheckMs = 60_000

/** `changed` is called whenever a process was started. */
export function startFamily(specs: readonly ChildSpec[], changed: () => void): Family {
  let early = true
  let fail: (error: Error) => void = () => {}
  const failed = new Promise<never>((_, reject) => (fail = reject))
  failed.catch(() => {}) // nobody may be waiting any more
  const logOf = (name: string) => specs.find((spec) => spec.name === name)?.log ?? ""
  const children: Child[] = specs.map((spec) =>
    keepRunning(spec, {
      started: () => setImmediate(changed),
      crashed(name, how, againInMs, inARow) {
        if (early && inARow >= hopelessAfter)
          fail(new SetupFailed(`The process "${name}" does not start; ${logOf(name)} says why.`))
        else say(`  ${name} ended (${how}); starting it again in ${againInMs / 1000} s`)
      },
    }),
  )
  const logs = setInterval(() => specs.forEach((spec) => trimLog(spec.log)), logCheckMs)
  return {
    failed,
    settled: () => (early = false),
    marks: () =>
      Object.fromEntries(
        children
          .map((child) => [child.name, child.mark()] as const)
          .filter((e): e is [string, ProcessMark] => e[1] !== null),
      ),
    async stop(graceMs) {
      clearInterval(logs)
      const until = Date.now() + graceMs
      for (const child of children.toReversed())
        await child.stop(Math.max(until - Date.now(), Math.min(graceMs, 2_000)))
    },
  }
}
