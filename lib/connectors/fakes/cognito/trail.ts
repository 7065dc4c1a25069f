/** CloudTrail beside the pool: what it writes, and how it is searched. */
import { randomUUID } from "node:crypto"
import { isObject } from "../../../base/json.ts"
import { secondMs } from "../../../base/time.ts"
import { inputOf, lookupEvents, refusal } from "./law.ts"
import type { FakePool } from "./state.ts"

export const accountId = "123456789012"

/** Names of members begin with a small letter there, and secrets are hidden. */
function inTrail(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inTrail)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => {
      const small = name.charAt(0).toLowerCase() + name.slice(1)
      return [small, /^clientSecret(Value)?$/.test(small) ? "HIDDEN_DUE_TO_SECURITY_REASONS" : inTrail(held)]
    }),
  )
}

const common = (pool: FakePool) => ({
  eventVersion: "1.08",
  eventTime: pool.clock
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, "Z"),
  eventSource: "cognito-idp.amazonaws.com",
  awsRegion: pool.region,
  sourceIPAddress: "192.0.2.1",
  userAgent: "fake/1",
  requestID: randomUUID(),
  eventID: randomUUID(),
  recipientAccountId: accountId,
})

export interface Written {
  readonly operation: string
  readonly accessKeyId: string
  readonly user: string
  readonly input: unknown
  readonly output: unknown
  readonly errorCode?: string
}

/** A write through the API. */
export function writeManagement(pool: FakePool, { operation, accessKeyId, user, input, output, errorCode }: Written) {
  pool.trail.push({
    ...common(pool),
    userIdentity: {
      type: "IAMUser",
      principalId: `AIDA${user.toUpperCase()}`,
      arn: `arn:aws:iam::${accountId}:user/${user}`,
      accountId,
      accessKeyId,
      userName: user,
    },
    eventName: operation,
    ...(errorCode === undefined ? {} : { errorCode }),
    requestParameters: inTrail(input),
    responseElements: errorCode === undefined ? inTrail(output) : null,
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    eventCategory: "Management",
  })
}

/** A token request. With Basic the client may be missing (providers.md 5.7). */
export function writeToken(pool: FakePool, { status, clientId }: { status: number; clientId: string | null }): void {
  pool.trail.push({
    ...common(pool),
    userIdentity: { accountId },
    eventName: "Token_POST",
    additionalEventData: {
      responseParameters: { status },
      requestParameters: {
        grant_type: ["client_credentials"],
        ...(clientId === null ? {} : { client_id: [clientId] }),
      },
      userPoolDomain: `fake.auth.${pool.region}.amazoncognito.com`,
      userPoolId: pool.id,
    },
    readOnly: false,
    eventType: "AwsServiceEvent",
    managementEvent: true,
    eventCategory: "Management",
  })
}

/** Newest first. A token for the next page is good for the same search only. */
export function lookUp(pool: FakePool, input: unknown): object {
  const {
    LookupAttributes,
    StartTime: from = 0,
    EndTime: to = Infinity,
    MaxResults: max,
    NextToken: token,
  } = inputOf(input, lookupEvents)
  const [attribute] = LookupAttributes
  const field = attribute?.AttributeKey === "EventSource" ? "eventSource" : "eventName"
  const search = JSON.stringify([attribute, from, to])
  const start = token === undefined ? 0 : positionIn(token, search)
  const visible = pool.clock.now().getTime() - pool.modes.logDelayMs
  const found = pool.trail
    .filter((record) => {
      const at = Date.parse(String(record.eventTime))
      const wanted = attribute === undefined || record[field] === attribute.AttributeValue
      return wanted && at / secondMs >= from && at / secondMs <= to && at <= visible
    })
    .toReversed()
  const next = start + max
  return {
    Events: found.slice(start, next).map((record) => ({
      EventId: record.eventID,
      EventName: record.eventName,
      EventSource: record.eventSource,
      EventTime: Date.parse(String(record.eventTime)) / secondMs,
      ReadOnly: "false",
      Resources: [],
      CloudTrailEvent: JSON.stringify(record),
    })),
    NextToken: next < found.length ? Buffer.from(JSON.stringify([next, search])).toString("base64") : undefined,
  }
}

function positionIn(token: string, search: string): number {
  const parsed: unknown = JSON.parse(Buffer.from(token, "base64").toString("utf8") || "null")
  if (Array.isArray(parsed) && parsed[1] === search && typeof parsed[0] === "number") return parsed[0]
  throw refusal("InvalidNextTokenException", "The token is not valid, or the request is another one.")
}
