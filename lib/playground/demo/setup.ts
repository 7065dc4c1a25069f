import { z } from "zod"
import { DemoStopped, listAll, take, unexpected, type ApiAnswer, type ApiCaller } from "./api.ts"
import { localProvider, planAndApply, type LocalProvider } from "./apply.ts"
import type { Credential, Keeper } from "./kept.ts"
import { audienceOf, demoAudiences, demoClients, demoGrants, demoTag, isDemoChange, type DemoClient } from "./layout.ts"
import { ensureCredential } from "./secrets.ts"

export interface DemoReady {
  readonly provider: LocalProvider
  /** Ids of the demo's clients in the registry. */
  readonly rows: Readonly<Record<DemoClient, string>>
  readonly clients: Readonly<Record<DemoClient, Credential>>
  readonly ingestToken: string
}

export const demoSourceName = "demo fleet"
const named = z.object({ id: z.string(), name: z.string() })
const madeToken = z.object({ id: z.string(), token: z.string() })

/**
 * Registers the demo as a user would, over the public API: audiences, clients, grants, plan, apply, secrets, event source.
 * Every step looks before it makes, so it can be broken off anywhere and called again; a second call changes nothing.
 * Throws `DemoStopped` where a person has to do something, or where trying again later may help.
 */
export async function setUpDemo(
  call: ApiCaller,
  keeper: Keeper,
  wait: (ms: number) => Promise<void>,
): Promise<DemoReady> {
  const provider = await localProvider(call)
  for (const audience of Object.values(demoAudiences)) await ensureAudience(call, audience)
  const rows = await ensureClients(call, provider.id)
  for (const grant of demoGrants) {
    const { scopes, reason } = grant
    const body = { client: demoClients[grant.client].name, audience: audienceOf(grant.audience), scopes, reason }
    made("grant", await call("POST", "/api/v1/grants", body))
  }
  await planAndApply(call, provider.id, isDemoChange, wait)
  const clients = await demoCredentials(call, keeper, provider.id, rows, wait)
  return { provider, rows, clients, ingestToken: await ensureIngestToken(call, keeper) }
}

/** The credentials as they are now; called again and again, it follows rotations of the demo's clients. */
export async function demoCredentials(
  call: ApiCaller,
  keeper: Keeper,
  providerId: string,
  rows: Readonly<Record<DemoClient, string>>,
  wait: (ms: number) => Promise<void>,
): Promise<DemoReady["clients"]> {
  const one = async (key: DemoClient): Promise<Credential> => {
    const kept = keeper.read().clients[key]
    const credential = await ensureCredential(call, { clientRowId: rows[key], providerId, kept, wait })
    if (credential !== kept)
      keeper.write({ ...keeper.read(), clients: { ...keeper.read().clients, [key]: credential } })
    return credential
  }
  return {
    shop: await one("shop"),
    billing: await one("billing"),
    gateway: await one("gateway"),
    order: await one("order"),
    caller: await one("caller"),
    greeter: await one("greeter"),
  }
}

/** Ids of the demo's clients by their part; makes those that are missing. */
async function ensureClients(call: ApiCaller, providerId: string): Promise<Record<DemoClient, string>> {
  for (const client of Object.values(demoClients)) {
    made(
      "client",
      await call("POST", "/api/v1/clients", {
        ...client,
        auth_method: "client_secret_basic",
        provider_ids: [providerId],
        tags: [demoTag],
      }),
    )
  }
  const listed = await listAll(call, `/api/v1/clients?tag=${demoTag}`, named)
  const idOf = (key: DemoClient): string => {
    const found = listed.find(({ name }) => name === demoClients[key].name)
    // It was made just now or was there before: without the tag it is somebody else's.
    if (found === undefined)
      throw new DemoStopped("name_taken", `There is a client ${demoClients[key].name} that is not the demo's.`)
    return found.id
  }
  return {
    shop: idOf("shop"),
    billing: idOf("billing"),
    gateway: idOf("gateway"),
    order: idOf("order"),
    caller: idOf("caller"),
    greeter: idOf("greeter"),
  }
}

async function ensureAudience(
  call: ApiCaller,
  audience: (typeof demoAudiences)[keyof typeof demoAudiences],
): Promise<void> {
  made(
    "audience",
    await call("POST", "/api/v1/audiences", {
      token_format: "jwt",
      signing_alg: "RS256",
      ...audience,
      tags: [demoTag],
    }),
  )
}

/** 201 made it, 409 says that it is there. */
function made(what: string, answer: ApiAnswer): void {
  if (answer.status !== 201 && answer.status !== 409) unexpected(`make a ${what}`, answer)
}

async function ensureIngestToken(call: ApiCaller, keeper: Keeper): Promise<string> {
  const sourceId = await ensureSource(call)
  const kept = keeper.read().ingest
  if (
    kept !== null &&
    kept.sourceId === sourceId &&
    (await call("GET", `/api/v1/api-tokens/${kept.tokenId}`)).status === 200
  )
    return kept.token
  const body = { name: demoSourceName, permissions: ["events:write"], source_id: sourceId }
  const { id, token } = take("make an API token", await call("POST", "/api/v1/api-tokens", body), [201], madeToken)
  keeper.write({ ...keeper.read(), ingest: { sourceId, tokenId: id, token } })
  return token
}

async function ensureSource(call: ApiCaller): Promise<string> {
  const answer = await call("POST", "/api/v1/sources", { name: demoSourceName, kind: "demo" })
  made("source", answer)
  const source = (await listAll(call, "/api/v1/sources", named)).find(({ name }) => name === demoSourceName)
  if (source === undefined) throw new DemoStopped("source_missing", "The demo's event source cannot be found.")
  return source.id
}
