import "server-only"
import { systemActor } from "../auth/system.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { makeSource, recordView } from "../events/source-store.ts"
import { record } from "../trail/record.ts"

const actor = systemActor("collect")
/** A log is silent after this many missed polls, but not within two minutes. */
const missedPolls = 6
const silentMinSeconds = 120

/** The source of this provider's log, made at the first poll. Its name is the provider's, where nobody has it. */
export async function ensureSource(
  provider: { readonly id: string; readonly name: string },
  everySeconds: number,
): Promise<string> {
  const find = () => db().source.findUnique({ where: { providerId: provider.id }, select: { id: true } })
  const make = (name: string) =>
    makeSource(actor, {
      name,
      kind: "provider",
      provider_id: provider.id,
      silent_after_seconds: Math.max(silentMinSeconds, missedPolls * everySeconds),
    })
  const found = await find()
  if (found) return found.id
  try {
    return (await make(provider.name)).id
  } catch {
    // Either another process was first, or the name is taken.
    return ((await find()) ?? (await make(`${provider.name} ${provider.id.slice(-6)}`))).id
  }
}

/** The logs of providers that were disconnected send nothing any more: they hold no watermark back. */
export async function endOrphans(): Promise<void> {
  const orphans = await db().source.findMany({ where: { kind: "provider", providerId: null, enabled: true } })
  for (const before of orphans)
    await withTx(async (tx) => {
      const { count } = await tx.source.updateMany({
        where: { id: before.id, version: before.version },
        data: { enabled: false, version: { increment: 1 } },
      })
      if (count > 0)
        await record(tx, {
          actor,
          action: "source.update",
          target: { kind: "source", id: before.id, name: before.name },
          before: recordView(before),
          after: { ...recordView(before), enabled: false, version: before.version + 1 },
          reason: "Its provider was disconnected.",
        })
    })
}
