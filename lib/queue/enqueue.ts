import "server-only"
import { fromPrisma } from "pg-boss"
import type { Tx } from "../db/tx.ts"
import { boss } from "./boss.ts"
import type { JobName } from "./jobs.ts"

/**
 * Wakes the worker for a job, in the transaction of the change that asks for it: both commit, or neither. The sweep
 * of lib/queue/jobs.ts finds what a lost wake-up would miss.
 */
export async function enqueue(tx: Tx, name: JobName): Promise<void> {
  const instance = await boss("web")
  await instance.send(name, {}, { db: fromPrisma(tx) })
}
