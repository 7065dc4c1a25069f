import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { notFound } from "../base/errors.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import type { Check, Connector } from "../connectors/port.ts"
import { portsOf, type KindSheet, type PortSheet } from "../connectors/sheet.ts"
import { db } from "../db/client.ts"
import { openConnector, type OpenConnector } from "./open.ts"
import { toWire, type ProviderWire } from "./schema.ts"
import { availableKind } from "./settings.ts"

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

/** What can be done at one provider: its ports or the reasons why not, and what is known of its kind. */
export type CapabilitiesWire = Omit<KindSheet, "fields" | "ports"> & { readonly items: readonly PortSheet[] }

/** Ports or reasons, as the connector's literals say with this provider's settings, and what this server taught. Makes no call. */
export async function capabilities(actor: Actor, id: string): Promise<CapabilitiesWire> {
  authorize(actor, "providers:read")
  const connector = await openConnector(id)
  const { kind, title, versions, verified, privileges, mapping } = availableKind(connector.kind)
  const learned = (await connector.learned?.()) ?? []
  const items = portsOf(connector).map((port) => ({
    ...port,
    facts: [
      ...port.facts,
      ...learned.filter((one) => one.port === port.name).map(({ cannot }) => `Found by trying: ${cannot}`),
    ],
  }))
  return { kind, title, versions, verified, privileges, mapping, items }
}

export interface TestedWire {
  readonly ok: boolean
  readonly checks: readonly Check[]
}

/** Calls the provider with its admin credentials and says what works, check by check. Writes nothing. A failing provider is an answer, not an error. */
export async function testProvider(actor: Actor, id: string, open: OpenConnector = openConnector): Promise<TestedWire> {
  authorize(actor, "plans:write")
  return tested(await open(id))
}

export async function tested(connector: Connector): Promise<TestedWire> {
  const checks = await connector.check().catch((error: unknown): readonly Check[] => {
    if (!(error instanceof ConnectorError)) throw error
    return [{ name: error.step, is: "fail", why: error.message }]
  })
  return { ok: checks.every((check) => check.is !== "fail"), checks }
}
