import "server-only"
import { ConnectorError } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"
import { openConnector, type OpenConnector } from "./open.ts"

/** Above this the provider counts as degraded, in milliseconds. */
const slowMs = 2_000

/** One health probe: the discovery document, timed. Stores status, latency and the endpoints as the provider tells them. */
export async function probeProvider(providerId: string, open: OpenConnector = openConnector): Promise<void> {
  const started = performance.now()
  const found = await open(providerId)
    .then((connector) => connector.endpoints())
    .catch((error: unknown) => (error instanceof ConnectorError ? error : Promise.reject(error)))
  const latencyMs = Math.round(performance.now() - started)
  const now = new Date()
  if (found instanceof ConnectorError) {
    // It asked to be left alone for a while: that says nothing of its health.
    if (found.code === "rate_limited") return
    await db().provider.updateMany({
      where: { id: providerId },
      data: { status: "unreachable", statusWhy: found.message, latencyMs: null, checkedAt: now },
    })
    return
  }
  const { issuer, tokenEndpoint, jwksUri, introspectionEndpoint } = found
  await db().provider.updateMany({
    where: { id: providerId },
    data: {
      issuer,
      tokenEndpoint,
      jwksUri,
      introspectionEndpoint,
      latencyMs,
      checkedAt: now,
      status: latencyMs > slowMs ? "degraded" : "healthy",
      statusWhy: latencyMs > slowMs ? `It took ${latencyMs} ms to answer.` : null,
    },
  })
}

/** The job `provider.probe`: every provider, side by side. One that fails oddly hides none of the others. */
export async function probeProviders(): Promise<void> {
  const rows = await db().provider.findMany({ select: { id: true } })
  const results = await Promise.allSettled(rows.map(({ id }) => probeProvider(id)))
  const broken = results.find((result) => result.status === "rejected")
  if (broken) throw broken.reason
}
