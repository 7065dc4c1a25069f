import "server-only"
import { db } from "../db/client.ts"

const everyMs = 2_000

/** Says every two seconds, by the database's clock, that a worker lives; /readyz reads it. Returns the way to stop. */
export function beat(): () => void {
  let running = false
  const tick = async () => {
    if (running) return
    running = true
    try {
      await db()
        .$executeRaw`insert into setting (key, value, updated_at) values ('worker.heartbeat', '{}', now()) on conflict (key) do update set updated_at = now()`
    } catch {
      // The database is away: the age of the last beat says so.
    } finally {
      running = false
    }
  }
  void tick()
  const timer = setInterval(() => void tick(), everyMs)
  return () => clearInterval(timer)
}
