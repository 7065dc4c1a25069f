/** Introspection over gRPC: `IDPTokenService.IntrospectToken`, Bearer in metadata, plain, TLS or mutual TLS. */
import { Client, credentials, Metadata, status, type ChannelCredentials, type ServiceError } from "@grpc/grpc-js"
import { z } from "zod"
import { FetchRefused, type GuardedResolve } from "../../base/http.ts"
import { isObject } from "../../base/json.ts"
import { redact } from "../../base/redact.ts"
import { ConnectorError, type ConnectorErrorCode } from "../connector-error.ts"
import type { Introspected } from "../port.ts"
import { introspectPath, request, response } from "./proto.ts"
import type { GoAuthkitSettings } from "./settings.ts"

const step = "introspect over gRPC"
const deadlineMs = 5_000
const answerBytesMax = 1_000_000

/** A session of the server stands in for our token once it gave one. Kept as long as the connector is open. */
export interface Session {
  id: string | null
}

/** Asks the token service. Throws ConnectorError: codes by the gRPC status (providers.md 10.2). */
export async function introspectOverGrpc(
  token: string,
  target: string,
  settings: GoAuthkitSettings,
  resolve: GuardedResolve | undefined,
  session: Session,
): Promise<Introspected> {
  const client = await dial(target, settings, resolve)
  try {
    const asked = session.id
    const answer = await ask(client, token, settings.bearer_token, asked).catch(async (error: unknown) => {
      // A session that ended: our own token opens a new one.
      if (asked === null || !(error instanceof ConnectorError) || error.code !== "auth_failed") throw error
      session.id = null
      return await ask(client, token, settings.bearer_token, null)
    })
    if (answer.session !== null) session.id = answer.session
    return introspectedOf(answer.message)
  } finally {
    client.close()
  }
}

/** Connects to the very address that the guard has judged; the name stays what the certificate is checked for. */
async function dial(target: string, settings: GoAuthkitSettings, resolve: GuardedResolve | undefined): Promise<Client> {
  const at = target.lastIndexOf(":")
  const host = target.slice(0, at).replace(/^\[|\]$/g, "")
  const port = Number(target.slice(at + 1))
  const secure = settings.grpc_ca !== undefined || settings.grpc_cert !== undefined || port === 443
  if (resolve === undefined) throw new ConnectorError("unsupported", step, "No gRPC connection may be made from here.")
  const address = await resolve(host, port, secure).catch((error: unknown) => {
    if (!(error instanceof FetchRefused)) throw error
    throw new ConnectorError("unavailable", step, error.message, { providerCode: error.code, cause: error })
  })
  return new Client(
    address.includes(":") ? `ipv6:[${address}]:${port}` : `ipv4:${address}:${port}`,
    secure ? tls(settings) : credentials.createInsecure(),
    {
      "grpc.default_authority": target,
      ...(secure ? { "grpc.ssl_target_name_override": host } : {}),
      "grpc.enable_http_proxy": 0,
      "grpc.enable_retries": 0,
      "grpc.max_receive_message_length": answerBytesMax,
    },
  )
}

function tls({ grpc_ca, grpc_cert, grpc_key }: GoAuthkitSettings): ChannelCredentials {
  const bytes = (pem: string | undefined) => (pem === undefined ? null : Buffer.from(pem))
  try {
    return credentials.createSsl(bytes(grpc_ca), bytes(grpc_key), bytes(grpc_cert))
  } catch (cause) {
    throw new ConnectorError("invalid", step, "The certificates for gRPC cannot be used together.", { cause })
  }
}

interface Answer {
  readonly message: Record<string, unknown>
  readonly session: string | null
}

function ask(client: Client, token: string, bearer: string | undefined, session: string | null): Promise<Answer> {
  const metadata = new Metadata()
  if (session !== null) metadata.set("x-session-id", session)
  else if (bearer !== undefined) metadata.set("authorization", `Bearer ${bearer}`)
  return new Promise((done, failed) => {
    let opened: string | null = null
    const calling = client.makeUnaryRequest(
      introspectPath,
      (message: { token: string }) => request.encode(message),
      (bytes) => response.decode(bytes),
      { token },
      metadata,
      { deadline: Date.now() + deadlineMs },
      (error, message) => {
        if (error) failed(refusal(error, [token, ...(bearer === undefined ? [] : [bearer])]))
        else if (message === undefined) failed(new ConnectorError("unknown", step, "The answer is empty."))
        else done({ message, session: opened })
      },
    )
    calling.on("metadata", (headers) => {
      const given = headers.get("x-session-id")[0]
      opened = typeof given === "string" && given !== "" && given.length <= 1_000 ? given : null
    })
  })
}

const codes: Readonly<Partial<Record<number, ConnectorErrorCode>>> = {
  [status.UNAUTHENTICATED]: "auth_failed",
  [status.PERMISSION_DENIED]: "forbidden",
  [status.RESOURCE_EXHAUSTED]: "rate_limited",
  [status.UNAVAILABLE]: "unavailable",
  [status.DEADLINE_EXCEEDED]: "unavailable",
  [status.UNIMPLEMENTED]: "feature_missing",
  [status.INVALID_ARGUMENT]: "invalid",
}

const sentences: Readonly<Partial<Record<ConnectorErrorCode, string>>> = {
  auth_failed: "The token service does not accept our credentials.",
  forbidden: "Our token may not introspect.",
  rate_limited: "The token service asks us to slow down.",
  unavailable: "The token service could not be reached over gRPC.",
  feature_missing: "There is no IDPTokenService at this address.",
  invalid: "The token service refused the request as not acceptable.",
}

function refusal(error: ServiceError, hide: readonly string[]): ConnectorError {
  const code = codes[error.code] ?? "unknown"
  const after = error.metadata.get("retry-after")[0]
  const seconds = typeof after === "string" && /^\d+$/.test(after) ? Math.min(Number(after), 3_600) : null
  const said = hide.reduce((text, value) => text.replaceAll(value, "[redacted]"), error.details)
  return new ConnectorError(code, step, sentences[code] ?? "The token service answered something unexpected.", {
    providerCode: status[error.code] ?? String(error.code),
    excerpt: redact(said),
    ...(seconds === null ? {} : { retryAt: new Date(Date.now() + seconds * 1_000) }),
  })
}

const policy = z.looseObject({
  tenant_uuid: z.string().optional(),
  tenant_int_id: z.number().optional(),
  resource_server: z.string().optional(),
  resource_namespace: z.string().optional(),
  resource_path: z.string().optional(),
  role_name: z.string().optional(),
})

/** The message as RFC 7662 has it, scope objects with the short names of the HTTP answer. */
function introspectedOf(message: Record<string, unknown>): Introspected {
  const { active = false, scope, custom_claims_json: custom, ...claims } = message
  const policies = z
    .array(policy)
    .catch([])
    .parse(scope ?? [])
  return {
    ...customClaims(custom),
    ...claims,
    ...(policies.length === 0 ? {} : { scope: policies.map(scopeObject) }),
    active: active === true,
  }
}

function scopeObject(one: z.output<typeof policy>): Record<string, unknown> {
  const named = {
    rn: one.resource_namespace,
    role: one.role_name,
    rp: one.resource_path,
    rs: one.resource_server,
    tid: one.tenant_int_id,
    tuid: one.tenant_uuid,
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined && value !== ""))
}

function customClaims(text: unknown): Record<string, unknown> {
  if (typeof text !== "string" || text === "") return {}
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}
