import { setTimeout as delay } from "node:timers/promises"
import type { z } from "zod"
import { call, type Call } from "../call.ts"
import { ConnectorError, type ConnectorErrorCode } from "../connector-error.ts"
import type { Opened } from "../port.ts"
import { recoded } from "../recoded.ts"
import { serviceUrl, type AwsService, type CognitoSettings } from "./settings.ts"
import { signer } from "./sign.ts"

/** One operation of AWS JSON 1.1. `UserPoolId` goes with every operation of Cognito. */
export type ApiCall = Pick<Call, "step" | "kind" | "hide"> & {
  readonly operation: string
  readonly input?: Readonly<Record<string, unknown>>
  readonly service?: AwsService
}

export interface Api {
  <T extends z.ZodType>(what: ApiCall, schema: T): Promise<z.output<T>>
  (what: ApiCall, schema: null): Promise<null>
}

const targets: Readonly<Record<AwsService, string>> = {
  "cognito-idp": "AWSCognitoIdentityProviderService",
  cloudtrail: "CloudTrail_20131101",
}

/** AWS answers 400 for nearly everything; the name of the exception says what it is (providers.md 5.2 and 11.9). */
const codes: Readonly<Record<string, ConnectorErrorCode>> = {
  UnrecognizedClientException: "auth_failed",
  InvalidClientTokenId: "auth_failed",
  InvalidSignatureException: "auth_failed",
  IncompleteSignatureException: "auth_failed",
  MissingAuthenticationTokenException: "auth_failed",
  ExpiredTokenException: "auth_failed",
  AccessDeniedException: "forbidden",
  NotAuthorizedException: "forbidden",
  OptInRequired: "forbidden",
  ResourceNotFoundException: "not_found",
  ConcurrentModificationException: "conflict",
  TooManyRequestsException: "rate_limited",
  ThrottlingException: "rate_limited",
  RequestLimitExceeded: "rate_limited",
  LimitExceededException: "quota",
  FeatureUnavailableInTierException: "feature_missing",
  OperationNotEnabledException: "feature_missing",
  UnsupportedOperationException: "feature_missing",
}

/** A page of sixty clients, or of fifty records of a log, each with everything that stands in it. */
const answerBytesMax = 16_000_000

/** Binds both APIs to one pool. Each request is signed afresh; nothing is ever sent twice from here. */
export function apiOf(opened: Opened, settings: CognitoSettings): Api {
  const sign = signer(settings)
  async function send(what: ApiCall, schema: z.ZodType | null): Promise<unknown> {
    const { operation, input, service = "cognito-idp", hide = [], ...rest } = what
    const json = service === "cognito-idp" ? { UserPoolId: settings.user_pool_id, ...input } : { ...input }
    const url = `${serviceUrl(settings, service)}/`
    const named = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${targets[service]}.${operation}` }
    const whole: Call = {
      maxBytes: answerBytesMax,
      timeoutMs: 20_000,
      ...rest,
      method: "POST",
      url,
      headers: await sign(service, url, named, JSON.stringify(json)),
      json,
      codes,
      hide: [...hide, settings.secret_access_key],
    }
    try {
      return schema === null ? await call(opened.fetch, whole, null) : await call(opened.fetch, whole, schema)
    } catch (error) {
      throw error instanceof ConnectorError && error.code === "rate_limited" ? later(error) : error
    }
  }
  return ((what: ApiCall, schema: z.ZodType | null) => send(what, schema)) as Api
}

/** Five requests a second per pool and operation: after this long there is room again (providers.md 5.2). */
const breathMs = 400

/** AWS does not say when to come back. */
const later = (error: ConnectorError): ConnectorError =>
  error.retryAt !== null ? error : recoded(error, { retryAt: new Date(Date.now() + breathMs * (1 + Math.random())) })

const firstWaitMs = 100
const longestWaitMs = 20_000
const throttledMax = 8

/** One of many reads in a row: when the pool asks to slow down it waits, longer each time, and asks again (providers.md 11.7). */
export async function unhurried<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== "rate_limited" || tries >= throttledMax) throw error
      await delay(firstWaitMs + Math.random() * Math.min(longestWaitMs, firstWaitMs * 2 ** tries))
    }
  }
}
