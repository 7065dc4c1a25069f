import "server-only"
import { crashpoint } from "../base/crashpoint.ts"
import { Unavailable } from "../base/errors.ts"
import { log } from "../base/log.ts"
import { redactError } from "../base/redact.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { isPort } from "../connectors/port.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"
import { LeaseLost, stillHeld, withLease } from "../queue/lease.ts"
import { type Due, forgetAsides, noteCannot, noteFailure, Overtaken, takeTurns } from "./log.ts"
import { pollOnce } from "./poll.ts"
import { endOrphans, ensureSource } from "./source.ts"
import { type CollectWorld, realWorld } from "./world.ts"

/** Each wait is longer or shorter by up to this share, so that many logs are not read at once. */
const jitter = 0.1
/** A long backlog gives the worker back after this many pages; its next turn comes at once. */
const pagesPerTurn = 20

/** The job `provider.log`: the log of every provider whose turn has come. What fails is told with its source, and holds up no other. */
export async function readDueLogs(world: CollectWorld = realWorld()): Promise<void> {
  const due = await takeTurns(stretchOf(world))
  await Promise.all(due.map((provider) => takeTurn(provider, world)))
  if (due.length > 0) {
    await endOrphans()
    await forgetAsides(world.now())
  }
}

const stretchOf = ({ random }: CollectWorld): number => 1 - jitter + 2 * jitter * random()

async function takeTurn(provider: Due, world: CollectWorld): Promise<void> {
  try {
    await readLog(provider, world)
  } catch (error) {
    // Another process is further: its turn stands.
    if (error instanceof LeaseLost || error instanceof Overtaken) return
    log.warn(
      { provider_id: provider.id, error: error instanceof ConnectorError ? error.code : redactError(error) },
      "a provider's log could not be read",
    )
    // Where even this cannot be written, the next turn stands already. A provider that refuses the connection looks alike.
    if (error instanceof ConnectorError || !isDatabaseTrouble(error))
      await noteFailure(provider.id, failureOf(error), world.now(), stretchOf(world))
  }
}

const failureOf = (error: unknown) =>
  error instanceof ConnectorError
    ? { code: error.code, message: error.message, retryAt: error.retryAt }
    : error instanceof Unavailable
      ? { code: error.code, message: error.message, retryAt: null }
      : { code: "unknown", message: "Reading it failed on our side; the worker's log says why.", retryAt: null }

async function readLog(provider: Due, world: CollectWorld): Promise<void> {
  const connector = await world.open(provider.id)
  const port = connector.events
  if (!isPort(port)) return noteCannot(provider.id, port.cannot)
  const normalize = world.normalizerOf(provider.kind)
  if (!normalize) return noteCannot(provider.id, "Grantry does not know how to read the log of this kind of provider.")
  const sourceId = await ensureSource(provider, port.everySeconds)
  await crashpoint("collect.source_made")
  const reading = { provider, sourceId, connector, port, normalize, now: world.now, stretch: stretchOf(world) }
  await withLease(
    sourceId,
    async (lease) => {
      for (let page = 0; page < pagesPerTurn; page++) {
        await stillHeld(lease)
        if (!(await pollOnce(reading)).more) return
      }
    },
    world.lease,
  )
}
