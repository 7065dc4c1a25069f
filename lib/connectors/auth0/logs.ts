import { z } from "zod"
import { ConnectorError } from "../connector-error.ts"
import type { Api } from "./api.ts"

export const logPageSize = 100
/** A search through the log ends after a thousand results (providers.md 2.7). */
export const searchPagesMax = 10

/** One record of the tenant's log. Only what the reading itself needs; lib/normalize reads the rest. */
export const logRecord = z.looseObject({ log_id: z.string().min(1), date: z.unknown(), type: z.string().nullish() })
export type LogRecord = z.output<typeof logRecord>

const logPage = z.union([z.array(logRecord), z.looseObject({ logs: z.array(logRecord) }).transform(({ logs }) => logs)])

/** A record's own time; null where it cannot be read. */
export function timeOf(record: LogRecord): Date | null {
  const at = typeof record.date === "string" ? new Date(record.date) : null
  return at && Number.isFinite(at.getTime()) ? at : null
}

/** Records after this one, in the order of their ids. With `from` Auth0 ignores every other filter. */
export const logsAfter = (api: Api, logId: string): Promise<readonly LogRecord[]> =>
  read(api, { from: logId, take: String(logPageSize) })

/** Newest first, down to `since`, at most a thousand. */
export async function logsSince(api: Api, since: Date): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = []
  let last = ""
  for (let page = 0; page < searchPagesMax; page++) {
    const found = await read(api, { sort: "date:-1", page: String(page), per_page: String(logPageSize) })
    const newest = found[0]?.log_id ?? ""
    if (found.length > 0 && newest === last)
      throw new ConnectorError("unknown", "read log", "The provider's list does not advance.")
    last = newest
    const young = found.filter((record) => (timeOf(record)?.getTime() ?? Infinity) >= since.getTime())
    records.push(...young)
    if (young.length < found.length || found.length < logPageSize) return records
  }
  return records
}

const read = (api: Api, query: Readonly<Record<string, string>>): Promise<readonly LogRecord[]> =>
  api(
    { step: "read log", kind: "read", method: "GET", path: `/logs?${new URLSearchParams(query).toString()}` },
    logPage,
  )
