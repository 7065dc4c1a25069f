/** A user pool of Cognito in memory, with CloudTrail beside it and the laws of providers.md section 5. */
import { randomUUID } from "node:crypto"
import { isObject } from "../../../base/json.ts"
import { movableClock, type Clock } from "../base/clock.ts"
import { faultList, type Faults } from "../base/faults.ts"
import { jsonOf, startServer, type FakeAnswer, type FakeRequest } from "../base/server.ts"
import { signingKey } from "../base/signing.ts"
import { clientOperations } from "./clients.ts"
import { refusal, Refused } from "./law.ts"
import { serverOperations } from "./servers.ts"
import { signedBy } from "./signature.ts"
import { newId, newPool, seconds, type FakePool } from "./state.ts"
import { tokenRoutes } from "./token.ts"
import { accountId, lookUp, writeManagement } from "./trail.ts"

export interface FakeCognito {
  readonly url: string
  readonly pool: FakePool
  readonly clock: Clock
  readonly faults: Faults
  /** Settings of a provider of kind `cognito` that is this pool. */
  readonly settings: {
    readonly region: string
    readonly user_pool_id: string
    readonly access_key_id: string
    readonly secret_access_key: string
    readonly endpoint: string
  }
  /** What the policy of Grantry's own user allows: `cognito-idp:ListUserPoolClients`. */
  allow(actions: readonly string[] | "all"): void
  /** Another IAM user with an access key, who may do everything. */
  user(name: string): { readonly accessKeyId: string; readonly secretAccessKey: string }
  stop(): Promise<void>
}

type Operation = (pool: FakePool, input: unknown) => object
interface Service {
  readonly service: string
  readonly operations: Readonly<Record<string, Operation>>
}
const cloudtrail: Service = { service: "cloudtrail", operations: { LookupEvents: lookUp } }
const services: Readonly<Record<string, Service>> = {
  AWSCognitoIdentityProviderService: {
    service: "cognito-idp",
    operations: { ...clientOperations, ...serverOperations },
  },
  CloudTrail_20131101: cloudtrail,
  // As older clients spell it.
  "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": cloudtrail,
}

export async function startFakeCognito({ port = 0 }: { readonly port?: number } = {}): Promise<FakeCognito> {
  const clock = movableClock()
  const faults = faultList()
  const pool = newPool(clock)
  const key = await signingKey("fake-cognito-1")
  const { url, stop } = await startServer({
    routes: [{ method: "POST", path: "/", run: (request) => serve(pool, request) }, ...tokenRoutes(pool, key)],
    faults,
    port,
    missing: () => ({ status: 404, text: "" }),
  })
  const user = (name: string) => {
    const accessKeyId = `AKIA${newId(16).toUpperCase()}`
    const secretAccessKey = newId(40)
    pool.keys.set(accessKeyId, { secret: secretAccessKey, allowed: "all", user: name })
    return { accessKeyId, secretAccessKey }
  }
  const { accessKeyId, secretAccessKey } = user("grantry")
  return {
    url,
    pool,
    clock,
    faults,
    settings: {
      region: pool.region,
      user_pool_id: pool.id,
      access_key_id: accessKeyId,
      secret_access_key: secretAccessKey,
      endpoint: url,
    },
    allow(actions) {
      const own = pool.keys.get(accessKeyId)
      if (own) own.allowed = actions === "all" ? "all" : new Set(actions)
    },
    user,
    stop,
  }
}

const type = "application/x-amz-json-1.1"

/** One request of AWS JSON 1.1: signature, policy, rate, operation. */
function serve(pool: FakePool, request: FakeRequest): FakeAnswer {
  const headers = { "content-type": type, "x-amzn-requestid": randomUUID() }
  try {
    return { status: 200, headers, json: carryOut(pool, request) }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return {
      status: 400,
      headers: { ...headers, "x-amzn-errortype": `${error.type}:` },
      json: { __type: error.type, message: error.message },
    }
  }
}

function carryOut(pool: FakePool, request: FakeRequest): object {
  const target = String(request.headers["x-amz-target"] ?? "")
  const at = target.lastIndexOf(".")
  const operation = target.slice(at + 1)
  const known = services[target.slice(0, at)]
  const run = known?.operations[operation]
  if (!known || !run || request.headers["content-type"] !== type)
    throw refusal("UnknownOperationException", "There is no such operation.")
  const signed = signedBy(request, known.service, {
    region: pool.region,
    now: pool.clock.now(),
    secretOf: (id) => pool.keys.get(id)?.secret ?? null,
  })
  if (signed instanceof Refused) throw signed
  const caller = pool.keys.get(signed.accessKeyId)
  const action = `${known.service}:${operation}`
  if (!caller || (caller.allowed !== "all" && !caller.allowed.has(action)))
    throw refusal(
      "AccessDeniedException",
      `User: arn:aws:iam::${accountId}:user/${caller?.user} is not authorized to perform: ${action}`,
    )
  hurry(pool, operation)
  const input = jsonOf(request)
  if (!isObject(input)) throw refusal("SerializationException", "")
  if (known.service === "cognito-idp" && input.UserPoolId !== pool.id)
    throw refusal("ResourceNotFoundException", `User pool ${String(input.UserPoolId)} does not exist.`)
  const writes = /^(Create|Update|Delete|Add)/.test(operation)
  const written = { operation, accessKeyId: signed.accessKeyId, user: caller.user, input }
  try {
    const output = run(pool, input)
    if (writes) writeManagement(pool, { ...written, output })
    return output
  } catch (error) {
    if (writes && error instanceof Refused) writeManagement(pool, { ...written, output: null, errorCode: error.type })
    throw error
  }
}

/** So many of each operation in any second. */
function hurry(pool: FakePool, operation: string): void {
  const { perSecond } = pool.modes
  if (perSecond === null) return
  const now = seconds(pool)
  const recent = pool.calls.filter((call) => call.at > now - 1)
  pool.calls.splice(0, pool.calls.length, ...recent)
  if (recent.filter((call) => call.operation === operation).length >= perSecond)
    throw refusal(operation === "LookupEvents" ? "ThrottlingException" : "TooManyRequestsException", "Rate exceeded")
  pool.calls.push({ operation, at: now })
}
