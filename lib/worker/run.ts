import "server-only"
import { log } from "../base/log.ts"
import { redactError } from "../base/redact.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"
import { boss, closeBoss } from "../queue/boss.ts"
import { jobNames, jobs, type JobName } from "../queue/jobs.ts"
import { handlers } from "./handlers.ts"

const pollSeconds = 0.5

/**
 * Works off every job and wakes each by its own interval. A slot of a job is claimed by one replica only: the singleton
 * key of the slot is unique in the database. Resolves to the way to stop, which lets running jobs end.
 */
export async function startJobs(): Promise<() => Promise<void>> {
  const instance = await boss("worker")
  for (const name of jobNames) {
    const job: { readonly atOnce?: number; readonly everySeconds: number } = jobs[name]
    await instance.work(
      name,
      { pollingIntervalSeconds: pollSeconds, batchSize: 1, localConcurrency: job.atOnce ?? 1 },
      () => perform(name),
    )
  }
  const timers = jobNames.map((name) => {
    const { everySeconds } = jobs[name]
    const wake = () =>
      void instance.send(name, {}, { singletonKey: "sweep", singletonSeconds: everySeconds }).catch(() => {})
    wake()
    return setInterval(wake, everySeconds * 1_000)
  })
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await closeBoss()
  }
}

/** A failed sweep is logged and left to the next one: its work still stands in our own tables. */
async function perform(name: JobName): Promise<void> {
  try {
    await handlers[name]()
  } catch (error) {
    if (isDatabaseTrouble(error))
      return log.warn({ job: name }, "the database does not answer; the next sweep tries again")
    log.error({ job: name, error: redactError(error) }, "job failed")
  }
}
