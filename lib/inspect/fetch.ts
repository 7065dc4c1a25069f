import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { conflict, invalid, notFound } from "../base/errors.ts"
import { outgoing } from "../base/http.ts"
import { Secret } from "../base/secret.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { OAuthError } from "../oauth/errors.ts"
import { clientIdAt } from "./ask.ts"
import { openConnector } from "../providers/open.ts"
import { canaryToken } from "../secrets/canary.ts"
import { heldSecret } from "../secrets/queries.ts"
import { record } from "../trail/record.ts"
import { needsSecret } from "../secrets/rules.ts"

/** Body of `POST /tokens/fetch`. Without `client_secret` the newest value that Grantry still holds is used. */
export const fetchRequest = z.strictObject({
  client: z.string().min(1).max(200),
  provider_id: z.uuid(),
  audience: z.string().min(1).max(2048),
  scopes: z.array(z.string().max(256)).max(100).optional(),
  client_secret: z.string().min(1).max(1000).optional(),
})

export interface FetchedToken {
  readonly ok: boolean
  /** The OAuth error code of a refusal (RFC 6749 section 5.2), or why no answer came. */
  readonly error: string | null
  readonly error_description: string | null
  readonly access_token: string | null
  readonly expires_in: number | null
  readonly duration_ms: number
}

/**
 * A client credentials test fetch, with the client's real credentials. The token is answered, never stored. Throws
 * Refused 403, 404, 409 `secret_not_held` when neither the caller nor Grantry has a secret for it.
 */
export async function fetchToken(actor: Actor, request: z.infer<typeof fetchRequest>): Promise<FetchedToken> {
  authorize(actor, "tokens:fetch")
  const byId = z.uuid().safeParse(request.client).success
  const client = await db().client.findFirst({ where: byId ? { id: request.client } : { name: request.client } })
  if (!client) throw notFound("client", request.client)
  const provider = await db().provider.findUnique({
    where: { id: request.provider_id },
    select: { id: true },
  })
  if (!provider) throw notFound("provider", request.provider_id)
  if (!needsSecret(client.authMethod))
    throw invalid("client", "no_secret", "This client authenticates with its own key, which Grantry does not have.")
  const secret =
    request.client_secret === undefined ? await heldSecret(client.id, provider.id) : new Secret(request.client_secret)
  if (!secret)
    throw conflict("secret_not_held", "Grantry no longer holds a secret of this client. Give one, or rotate it.")
  const connector = await openConnector(provider.id)
  // A live token of this client is about to be answered to a person: who asked is on record before it is fetched.
  await withTx((tx) =>
    record(tx, {
      actor,
      action: "token.fetch",
      target: { kind: "client", id: client.id, name: client.name },
      after: {
        provider_id: provider.id,
        audience: request.audience,
        scopes: request.scopes ?? [],
        secret: request.client_secret === undefined ? "held by Grantry" : "given by the caller",
      },
    }),
  )
  const began = performance.now()
  const done = (rest: Omit<FetchedToken, "duration_ms">): FetchedToken => ({
    ...rest,
    duration_ms: Math.round(performance.now() - began),
  })
  try {
    const token = await canaryToken(
      {
        clientId: (await clientIdAt(connector, provider.id, client.name)) ?? client.name,
        authMethod: client.authMethod,
        secret,
        purpose: "test_fetch",
        request: await connector.tokenRequest(request.audience, request.scopes ?? []),
      },
      outgoing(),
    )
    return done({
      ok: true,
      error: null,
      error_description: null,
      access_token: token.token,
      expires_in: Math.max(0, Math.round((token.expiresAtMs - Date.now()) / 1000)),
    })
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return done({
      ok: false,
      error: typeof error.evidence.error === "string" ? error.evidence.error : error.code,
      error_description: error.message,
      access_token: null,
      expires_in: null,
    })
  }
}
