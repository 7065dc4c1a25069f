/** `LookupEvents` of CloudTrail: the account's management events of one region, newest first, for ninety days. */
import { z } from "zod"
import { secondMs } from "../../base/time.ts"
import type { Api } from "./api.ts"

export const trailPageSize = 50

export interface TrailPage {
  /** Each as CloudTrail wrote it, or, where that cannot be read, the bare entry. */
  readonly records: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
  /** RFC 3339: when the oldest of them was; null where none tells. */
  readonly oldest: string | null
}

const entry = z.looseObject({
  EventId: z.string().nullish(),
  /** Seconds since 1970. */
  EventTime: z.number().nullish().catch(null),
  CloudTrailEvent: z.string().nullish(),
})
const answer = z.object({ Events: z.array(entry), NextToken: z.string().nullish() })

export interface Look {
  readonly eventName: string
  readonly from: Date
  readonly to: Date
  readonly next: string | null
}

/** One page. Times are whole seconds. */
export async function lookup(api: Api, { eventName, from, to, next }: Look): Promise<TrailPage> {
  const input = {
    LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: eventName }],
    StartTime: Math.floor(from.getTime() / secondMs),
    EndTime: Math.ceil(to.getTime() / secondMs),
    MaxResults: trailPageSize,
    ...(next === null ? {} : { NextToken: next }),
  }
  const told = await api(
    { step: "read log", kind: "read", service: "cloudtrail", operation: "LookupEvents", input },
    answer,
  )
  return {
    records: told.Events.map((one) => recordOf(one)),
    next: told.NextToken || null,
    oldest: oldestOf(told.Events),
  }
}

function oldestOf(events: readonly z.output<typeof entry>[]): string | null {
  const seconds = Math.min(...events.map(({ EventTime }) => EventTime ?? Infinity))
  return Number.isFinite(seconds) ? new Date(seconds * secondMs).toISOString() : null
}

const record = z.record(z.string(), z.unknown())

/** The record itself is JSON inside the JSON. */
function recordOf({ EventId, CloudTrailEvent }: z.output<typeof entry>): Record<string, unknown> {
  try {
    return record.parse(JSON.parse(CloudTrailEvent ?? ""))
  } catch {
    return { eventID: EventId ?? null, unreadable: true }
  }
}
