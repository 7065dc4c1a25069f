import type { Page, Session } from "./api.ts"
import { logEvent, type LogEvent } from "./shapes.ts"

/** The most that one page holds; without `limit` it is a hundred. */
export const logPageSize = 1_000

const path = "/api/v1/logs"

/** Token requests of services at custom authorization servers, refused ones included, and repeated wrong secrets. */
const tokenFilter = [
  '(eventType eq "app.oauth2.as.token.grant.access_token" and debugContext.debugData.grantType eq "client_credentials")',
  'eventType eq "app.oauth2.as.token.grant"',
  'eventType eq "app.oauth2.invalid_client_credentials"',
].join(" or ")

/** Apps, their keys and secrets, authorization servers, scopes, policies and rules. */
const changeFilter = [
  "application.lifecycle.",
  "app.oauth2.client.lifecycle.",
  "app.oauth2.credentials.lifecycle.",
  "oauth2.as.",
  "oauth2.scope.",
  "policy.lifecycle.",
  "policy.rule.",
]
  .map((start) => `eventType sw "${start}"`)
  .join(" or ")

const ask = (session: Session, at: string): Promise<Page<LogEvent>> =>
  session.page({ step: "read log", path: at }, logEvent)

/**
 * The polling form: no `until` and ascending, so the order is that of arrival, late events come late, and there is always a
 * next link, which is followed and never made by hand.
 */
export const pollFrom = (session: Session, since: Date): Promise<Page<LogEvent>> =>
  ask(session, pathOf({ since: since.toISOString(), filter: tokenFilter, sortOrder: "ASCENDING" }))
export const pollOn = ask

/** Is this where one of our own polls ended? */
export const isLogPath = (cursor: string): boolean => cursor.startsWith(`${path}?`)

/** The newest thousand changes since then. */
export const changesSince = async (session: Session, since: Date, until: Date): Promise<readonly LogEvent[]> => {
  const query = {
    since: since.toISOString(),
    until: until.toISOString(),
    filter: changeFilter,
    sortOrder: "DESCENDING",
  }
  return (await ask(session, pathOf(query))).items
}

const pathOf = (query: Readonly<Record<string, string>>): string =>
  `${path}?${new URLSearchParams({ ...query, limit: String(logPageSize) }).toString()}`
