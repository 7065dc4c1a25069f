import "server-only"
import { Unavailable } from "../base/errors.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { isPort, type Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { idOf } from "./normal.ts"
import { plan, type PlanPolicy, type Planned } from "./plan.ts"
import { observe, saveRead } from "./read.ts"
import { projections, reportOf, type ProjectionReport } from "./report.ts"
import { appliedState, rotatingClients } from "./store.ts"
import { wantedOn, type Wanted } from "./wanted.ts"
import type { SyncWorld } from "./world.ts"

/** Contract section 4. */
const planLimitMs = 60_000

export interface ProviderPlan extends Planned {
  readonly providerId: string
  readonly report: ProjectionReport
}

interface Named {
  readonly id: string
  readonly name: string
}
type WantedFrom = (provider: Named, connector: Connector, now: Date) => Promise<Wanted>
const fromRegistry: WantedFrom = ({ id }, connector, now) => wantedOn(id, connector, now)

/** Reads the providers side by side and plans each, for what the registry wants or what `wantedFrom` says. Refuses 503 `provider_unavailable`, `plan_timeout`. */
export async function computePlans(
  providers: readonly Named[],
  world: SyncWorld,
  wantedFrom: WantedFrom = fromRegistry,
): Promise<ProviderPlan[]> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new Unavailable(
            "plan_timeout",
            `The plan was not ready within ${planLimitMs / 1000} s: a provider is slow.`,
            10,
          ),
        ),
      planLimitMs,
    )
  })
  try {
    return await Promise.race([
      Promise.all(providers.map((provider) => computePlan(provider, world, wantedFrom))),
      limit,
    ])
  } finally {
    clearTimeout(timer)
  }
}

async function computePlan(provider: Named, world: SyncWorld, wantedFrom: WantedFrom): Promise<ProviderPlan> {
  const { id, name } = provider
  const observation = await observe(id, world).catch((error: unknown) => {
    if (!(error instanceof ConnectorError)) throw error
    throw new Unavailable("provider_unavailable", `${name} could not be read (${error.code}): ${error.message}`, 5, {
      cause: error,
    })
  })
  await saveRead(id, observation)
  const { connector, remote } = observation
  const now = new Date()
  const [wanted, applied, rotating, decided] = await Promise.all([
    wantedFrom(provider, connector, now),
    appliedState(id),
    rotatingClients(id),
    db().driftItem.findMany({ where: { providerId: id, status: { in: ["reverting", "ignored"] } } }),
  ])
  const grants = projections(wanted.registry, connector.project)
  const policy: PlanPolicy = {
    reverting: new Set(decided.filter((item) => item.status === "reverting").map(idOf)),
    ignored: new Map(
      decided
        .filter((item) => item.status === "ignored" && item.ignoreUntil !== null && item.ignoreUntil > now)
        .map((item) => [
          idOf(item),
          `Drift, ignored until ${item.ignoreUntil?.toISOString() ?? ""}${item.reason ? `: ${item.reason}` : ""}.`,
        ]),
    ),
    rotating: new Set(rotating.keys()),
    disabled: new Set(
      wanted.registry.flatMap(({ kind, key, fields }) => (kind === "client" && fields.enabled === false ? [key] : [])),
    ),
    refused: connector.reject(wanted.registry),
    notes: wanted.notes,
    notHeld: wanted.notHeld,
    project: (grant) => grants.get(idOf(grant))?.projection ?? connector.project(grant, wanted.registry),
    readOnly: isPort(connector.write) ? null : connector.write.cannot,
  }
  return { providerId: id, report: reportOf(grants), ...plan(wanted.objects, applied, remote, policy) }
}
