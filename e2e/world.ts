import { z } from "zod"

/** Answers of the API, called with a token of every permission. */
export interface Api {
  /** Sends JSON, wants one of `statuses` (default 200 and 201) and reads the answer by its shape. Rejects with the answer's words otherwise. */
  call<T>(method: string, path: string, shape: z.ZodType<T>, body?: unknown, statuses?: readonly number[]): Promise<T>
}

/** `url` without a path. */
export function apiAt(url: string, token: string): Api {
  return {
    async call(method, path, shape, body, statuses = [200, 201]) {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (!statuses.includes(answer.status))
        throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 500)}`)
      return shape.parse(text === "" ? null : JSON.parse(text))
    },
  }
}

const withId = z.object({ id: z.string() })
const itemsOf = <T>(item: z.ZodType<T>) => z.object({ items: z.array(item) })
const plan = z.object({
  id: z.string(),
  status: z.string(),
  changes: z.array(z.object({ id: z.string(), needs_confirmation: z.boolean() })),
})
export const secret = z.object({ id: z.string(), state: z.string(), fingerprint: z.string() })
export const revealed = z.object({
  client_id: z.string(),
  client_secret: z.string(),
  token_endpoint: z.string(),
  fingerprint: z.string(),
})

/** The local provider. */
export async function localProvider(api: Api): Promise<{ id: string; name: string }> {
  const { items } = await api.call(
    "GET",
    "/providers",
    itemsOf(z.object({ id: z.string(), kind: z.string(), name: z.string() })),
  )
  const found = items.find((p) => p.kind === "local")
  if (!found) throw new Error("There is no local provider")
  return found
}

export interface World {
  readonly providerId: string
  readonly planId: string
  readonly clientId: string
  readonly client: string
  readonly audienceId: string
  readonly audience: string
}

/** A client that was granted one scope of one audience, both applied at the provider: the local one unless another is named. */
export async function makeWorld(api: Api, suffix: string, at?: { readonly id: string }): Promise<World> {
  const provider = at ?? (await localProvider(api))
  const audience = `https://payment-service-${suffix}.internal`
  const client = `order-service-${suffix}`
  const madeAudience = await api.call("POST", "/audiences", withId, {
    identifier: audience,
    name: `Payments ${suffix}`,
    token_ttl_seconds: 300,
    token_format: "jwt",
    signing_alg: "RS256",
    scopes: [
      { name: "payments:read", description: "See charges" },
      { name: "payments:write", description: "Charge" },
    ],
  })
  const madeClient = await api.call("POST", "/clients", withId, {
    name: client,
    display_name: `Orders ${suffix}`,
    owner: "team-orders",
    auth_method: "client_secret_basic",
    provider_ids: [provider.id],
  })
  await api.call("POST", "/grants", withId, { client, audience, scopes: ["payments:write"], reason: "Orders are paid" })
  const planId = await applyAll(api, provider.id)
  return { providerId: provider.id, planId, clientId: madeClient.id, client, audienceId: madeAudience.id, audience }
}

/** Plans and applies everything that waits for a provider, with a yes to all that asks for one; resolves when it is applied. */
export async function applyAll(api: Api, providerId: string): Promise<string> {
  const made = await api.call("POST", "/plans", plan, { provider_ids: [providerId] })
  const confirm = made.changes.filter((c) => c.needs_confirmation).map((c) => c.id)
  await api.call("POST", `/plans/${made.id}/apply`, z.unknown(), { confirm }, [202])
  await until(
    async () => (await api.call("GET", `/plans/${made.id}`, plan)).status === "applied",
    30_000,
    `plan ${made.id} is applied`,
  )
  return made.id
}

/** The secrets that live now, oldest first. */
export async function liveSecrets(api: Api, clientId: string): Promise<z.infer<typeof secret>[]> {
  const { items } = await api.call("GET", `/clients/${clientId}/secrets`, itemsOf(secret))
  return items.filter((s) => s.state === "live").toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** A source with its token, and its address to send lines to. */
export async function eventSource(api: Api, name: string): Promise<{ id: string; token: string }> {
  const source = await api.call("POST", "/sources", withId, { name })
  const token = await api.call("POST", "/api-tokens", z.object({ token: z.string() }), {
    name,
    permissions: ["events:write"],
    source_id: source.id,
  })
  return { id: source.id, token: token.token }
}

/** Sends event lines as a service would. Resolves to the answer's counts. */
export async function sendEvents(
  token: string,
  lines: readonly object[],
  url = process.env["GRANTRY_E2E_URL"] ?? "",
): Promise<{ stored: number; duplicates: number }> {
  const answer = await fetch(`${url}/api/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
  })
  if (answer.status !== 200) throw new Error(`Events answered ${answer.status}: ${await answer.text()}`)
  return z.object({ stored: z.number(), duplicates: z.number() }).parse(await answer.json())
}

export interface TokenAnswer {
  readonly status: number
  readonly accessToken: string
  readonly error: string
}

/** Asks for a token as the service would: client credentials with HTTP Basic (RFC 6749 section 4.4) and `resource` (RFC 8707). */
export async function fetchToken(at: {
  endpoint: string
  client: string
  secret: string
  audience: string
  scope: string
}): Promise<TokenAnswer> {
  const answer = await fetch(at.endpoint, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${encodeURIComponent(at.client)}:${encodeURIComponent(at.secret)}`).toString("base64")}`,
    },
    body: new URLSearchParams({ grant_type: "client_credentials", resource: at.audience, scope: at.scope }),
  })
  const body = z
    .object({ access_token: z.string().default(""), error: z.string().default("") })
    .parse(await answer.json())
  return { status: answer.status, accessToken: body.access_token, error: body.error }
}

/** Asks again every 100 ms. Rejects with the sentence of what did not come to pass. */
export async function until(holds: () => Promise<boolean>, withinMs: number, what: string): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
