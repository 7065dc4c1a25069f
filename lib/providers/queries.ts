import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { notFound } from "../base/errors.ts"
import { isObject } from "../base/json.ts"
import { ConnectorError, isPort, type Cannot, type Check, type Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { openConnector, type OpenConnector } from "./open.ts"
import { toWire, type ProviderWire } from "./schema.ts"

const omit = { lastRead: true } as const
const pageCursor = z.tuple([z.string(), z.uuid()])

/** By name. `after` is [name, id] of the last item of the page before. */
export async function listProviders(
  actor: Actor,
  page: { limit: number; after: readonly unknown[] | null },
): Promise<{ items: ProviderWire[]; last: [string, string] | null }> {
  authorize(actor, "providers:read")
  const after = page.after === null ? null : pageCursor.parse(page.after)
  const rows = await db().provider.findMany({
    omit,
    ...(after ? { where: { name: { gt: after[0] } } } : {}),
    orderBy: { name: "asc" },
    take: page.limit + 1,
  })
  const items = rows.slice(0, page.limit).map(toWire)
  const end = items.at(-1)
  return { items, last: rows.length > page.limit && end ? [end.name, end.id] : null }
}

export async function getProvider(actor: Actor, id: string): Promise<ProviderWire> {
  authorize(actor, "providers:read")
  const row = await db().provider.findUnique({ where: { id }, omit })
  if (!row) throw notFound("provider", id)
  return toWire(row)
}

export interface ProviderHealth {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly status: string
  readonly why: string | null
  /** Objects whose drift nobody has decided on. */
  readonly drift: number
}

/** Every provider with its health and its open drift, in the order in which they were connected. */
export async function providerHealth(actor: Actor): Promise<readonly ProviderHealth[]> {
  authorize(actor, "providers:read")
  const rows = await db().provider.findMany({
    select: {
      id: true,
      name: true,
      kind: true,
      status: true,
      statusWhy: true,
      _count: { select: { drift: { where: { status: "open" } } } },
    },
    orderBy: { createdAt: "asc" },
  })
  return rows.map(({ statusWhy, _count, ...row }) => ({ ...row, why: statusWhy, drift: _count.drift }))
}

export interface CapabilityWire {
  readonly name: string
  readonly can: boolean
  /** What the port offers, or why there is none. */
  readonly why: string
  readonly source: string | null
  readonly detail: Readonly<Record<string, unknown>>
}

/** Ports or reasons, as the connector's literals say. Makes no call. */
export async function capabilities(
  actor: Actor,
  id: string,
  open: OpenConnector = openConnector,
): Promise<{ kind: string; items: CapabilityWire[] }> {
  authorize(actor, "providers:read")
  const connector = await open(id)
  const secrets = connector.secrets
  return {
    kind: connector.kind,
    items: [
      port("write", connector.write, "Clients, audiences and grants are planned and applied here.", {}),
      port("secrets", secrets, isPort(secrets) ? secretsSentence(secrets) : "", isPort(secrets) ? plain(secrets) : {}),
      port("introspection", connector.introspection, "Any token of this provider can be introspected from here.", {}),
    ],
  }
}

function port(name: string, port: object | Cannot, why: string, detail: Record<string, unknown>): CapabilityWire {
  if (isObject(port) && "cannot" in port)
    return { name, can: false, why: String(port.cannot), source: String(port.source), detail: {} }
  return { name, can: true, why, source: null, detail }
}

function secretsSentence(secrets: Extract<Connector["secrets"], { liveMax: number }>): string {
  return secrets.strategy === "overlap"
    ? `Old and new secret work side by side, at most ${secrets.liveMax} at once: rotation without downtime.`
    : "One secret at a time: issuing a new one ends the old one."
}

const plain = (secrets: Extract<Connector["secrets"], { liveMax: number }>) => ({
  live_max: secrets.liveMax,
  chooser: secrets.chooser,
  expiry: secrets.expiry,
  list: secrets.list,
  end: secrets.end,
  strategy: secrets.strategy,
  evidence_by_log: secrets.evidenceByLog,
})

/** Calls the provider with its admin credentials and says what works, check by check. Writes nothing. A failing provider is an answer, not an error. */
export async function testProvider(
  actor: Actor,
  id: string,
  open: OpenConnector = openConnector,
): Promise<{ ok: boolean; checks: readonly Check[] }> {
  authorize(actor, "plans:write")
  const connector = await open(id)
  const checks = await connector.check().catch((error: unknown): readonly Check[] => {
    if (!(error instanceof ConnectorError)) throw error
    return [{ name: error.step, is: "fail", why: error.message }]
  })
  return { ok: checks.every((check) => check.is !== "fail"), checks }
}
