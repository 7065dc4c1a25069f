import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { conflict, invalid, notFound } from "../base/errors.ts"
import { outgoing, type GuardedFetch } from "../base/http.ts"
import { call } from "../connectors/call.ts"
import { isPort, type Introspected } from "../connectors/port.ts"
import { purposeHeader, type OwnPurpose } from "../events/words.ts"
import { openConnector, type OpenConnector } from "../providers/open.ts"
import { decode, tokenOctetsMax } from "../token/decode.ts"
import type { InspectedProvider } from "./registry.ts"
import { registryReads } from "./store.ts"
import { providerOf } from "./verdict.ts"

/** Body of `POST /tokens/introspect`. With client credentials that client asks (RFC 7662 section 2.1), else Grantry itself. */
export const introspectRequest = z
  .strictObject({
    token: z.string().min(1).max(tokenOctetsMax),
    provider_id: z.uuid().optional(),
    client_id: z.string().min(1).max(1000).optional(),
    client_secret: z.string().min(1).max(1000).optional(),
  })
  .refine((r) => (r.client_id === undefined) === (r.client_secret === undefined), {
    path: ["client_secret"],
    error: "Give client_id and client_secret together, or neither.",
  })

export interface IntrospectAnswer {
  readonly active: boolean
  readonly claims: Readonly<Record<string, unknown>>
  readonly provider: { readonly id: string; readonly name: string; readonly kind: string }
  readonly asked_as: string
  /** One sentence for a person: what the answer does and does not say. */
  readonly why: string
}

const answerShape = z.looseObject({ active: z.boolean() })

/**
 * Asks a provider whether it knows a token. Needs `tokens:inspect`; nothing is stored or logged. Throws Refused: 404 for an
 * unknown provider, 422 when none is named and the token does not say, 409 `cannot_introspect`; ConnectorError else.
 */
export async function introspectToken(
  actor: Actor,
  request: z.infer<typeof introspectRequest>,
  open: OpenConnector = openConnector,
  fetch: GuardedFetch = outgoing(),
): Promise<IntrospectAnswer> {
  authorize(actor, "tokens:inspect")
  const provider = await providerFor(request)
  const { client_id: id, client_secret: secret } = request
  const { answer, doubt } =
    id !== undefined && secret !== undefined
      ? { answer: await askAs(provider, request.token, id, secret, fetch), doubt: asClientDoubt }
      : await askItself(provider, request.token, open)
  const { active, ...claims } = answer
  return {
    active,
    claims,
    provider: { id: provider.id, name: provider.name, kind: provider.kind },
    asked_as: id ?? "Grantry",
    why: active ? `${provider.name} says that the token is active.` : inactive(doubt),
  }
}

const asClientDoubt = "That may also mean that our caller is not in the token's audience."
const inactive = (doubt: string | null): string =>
  `The server says inactive: expired, revoked, or not one of its tokens.${doubt === null ? "" : ` ${doubt}`}`

async function providerFor({
  token,
  provider_id: id,
}: {
  token: string
  provider_id?: string | undefined
}): Promise<InspectedProvider> {
  if (id !== undefined) {
    const named = await registryReads.provider(id)
    if (!named) throw notFound("provider", id)
    return named
  }
  const decoded = decode(token)
  const claims = decoded.form === "jws" ? (decoded.payload.claims ?? {}) : {}
  const found = await providerOf(claims, null, registryReads)
  if (!found)
    throw invalid("provider_id", "needed", "The token does not name a connected provider. Say which one to ask.")
  return found
}

async function askItself(
  provider: InspectedProvider,
  token: string,
  open: OpenConnector,
): Promise<{ answer: Introspected; doubt: string | null }> {
  const { introspection } = await open(provider.id)
  if (!isPort(introspection))
    throw conflict("cannot_introspect", introspection.cannot, { source: introspection.source })
  return { answer: await introspection.introspect(token), doubt: introspection.doubt ?? null }
}

async function askAs(
  provider: InspectedProvider,
  token: string,
  id: string,
  secret: string,
  fetch: GuardedFetch,
): Promise<Introspected> {
  if (provider.introspection_endpoint === undefined)
    throw conflict("cannot_introspect", `${provider.name} has no introspection endpoint.`)
  return call(
    fetch,
    {
      step: "introspect",
      kind: "read",
      method: "POST",
      url: provider.introspection_endpoint,
      headers: { [purposeHeader]: "test_introspection" satisfies OwnPurpose },
      form: { fields: { token }, client: { id, secret } },
      hide: [token],
    },
    answerShape,
  )
}
