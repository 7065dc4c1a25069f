/** A provider's log that misbehaves as real ones do: its pages overlap, come out of order and repeat. And a normaliser for it. */
import { ConnectorError } from "../connectors/connector-error.ts"
import type { EventPage, EventsPort } from "../connectors/log-ports.ts"
import type { Connector } from "../connectors/port.ts"
import { isObject } from "../base/json.ts"
import type { Normalize } from "../normalize/context.ts"
import { seeded, Simulator } from "../sync/simulator.fixture.ts"

export interface LogRecord {
  readonly id?: string
  readonly at: string
  readonly type: string
  readonly client?: string
  readonly scope?: string
}

const pageSize = 5
const overlap = 3

export class SimulatedLog implements EventsPort {
  readonly everySeconds = 15
  readonly provenance = { client_id: "observed", audience: "derived", duration_ms: "absent" } as const
  readonly records: LogRecord[] = []
  readonly asked: (string | null)[] = []
  /** Thrown by the next poll. */
  trouble: Error | null = null
  /** Says nothing of its completeness. */
  mute = false
  /** Everything up to here has been written to the log. */
  writtenUntil = new Date()
  /** A poll that is held waits for this. */
  hold: Promise<void> | null = null
  private readonly random: () => number
  private readonly sim = new Simulator()

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  async poll(cursor: string | null): Promise<EventPage> {
    this.asked.push(cursor)
    await this.hold
    if (this.trouble) throw this.trouble
    const at = cursor === null ? 0 : Number(cursor)
    if (!Number.isInteger(at)) throw new ConnectorError("invalid", "read log", "no such place")
    const page = this.records.slice(Math.max(0, at - overlap), at + pageSize)
    const next = Math.min(at + pageSize, this.records.length)
    const more = next < this.records.length
    return {
      records: [...page, ...page.filter(() => this.random() < 0.3)].toSorted(() => this.random() - 0.5),
      cursor: String(next),
      more,
      completeUntil: more || this.mute ? null : this.writtenUntil.toISOString(),
    }
  }

  connector(): Connector {
    return { ...this.sim.connector(), events: this, clientIdOf: ({ remoteId }) => remoteId }
  }
}

export const normalizeSimulated: Normalize = (raw, context) => {
  if (!isObject(raw) || typeof raw.type !== "string") return { rejected: "no type" }
  if (raw.type !== "issued") return { skipped: raw.type }
  if (typeof raw.id !== "string") return { rejected: "no id" }
  const scope = String(raw.scope)
  const audience = context.audienceOfScope(scope)
  return {
    line: {
      event: "token_issued",
      event_id: raw.id,
      timestamp: String(raw.at),
      auth_server: context.authServer,
      client_id: context.clientName(String(raw.client)) ?? String(raw.client),
      scopes: [scope],
      ...(audience === null ? {} : { audience }),
    },
  }
}
