import { z } from "zod"
import { startFakeOidc, fakeInitialToken, type FakeOidc } from "../lib/connectors/fakes/oidc/server.ts"
import { startTryableKeycloak } from "../lib/connectors/fakes/keycloak/tryable.ts"
import type { Api } from "./world.ts"

export type FakeKeycloak = Awaited<ReturnType<typeof startTryableKeycloak>>

/** A realm of a fake Keycloak, connected. With its policy old and new secret overlap; without it a new one ends the old. */
export async function connectKeycloak(
  api: Api,
  { overlaps }: { readonly overlaps: boolean },
): Promise<{ id: string; name: string; server: FakeKeycloak }> {
  const server = await startTryableKeycloak(0)
  const realm = server.realms.get("m2m")
  if (!realm) throw new Error("The fake made no realm m2m")
  if (!overlaps) realm.policies = { policies: [] }
  return { ...(await connect(api, "keycloak", server.settings)), server }
}

/** A server with dynamic registration that makes a new secret with every update, connected. */
export async function connectRegistration(api: Api): Promise<{ id: string; name: string; server: FakeOidc }> {
  const server = await startFakeOidc({ newSecretOnPut: true })
  return {
    ...(await connect(api, "oidc", { issuer: server.url, initial_access_token: fakeInitialToken })),
    server,
  }
}

async function connect(api: Api, kind: string, settings: object): Promise<{ id: string; name: string }> {
  const name = `${kind}-${Date.now()}`
  const { id } = await api.call("POST", "/providers", z.object({ id: z.string() }), {
    kind,
    name,
    environment: "test",
    settings,
  })
  return { id, name }
}

/** Leaves no provider behind that never answers: its silent log would stand on every other journey's pages. */
export async function putAway(api: Api, id: string, server: { stop(): Promise<void> }): Promise<void> {
  // 409: a journey that failed left its rotation in flight.
  await api.call("DELETE", `/providers/${id}?leave_behind=1`, z.unknown(), undefined, [200, 204, 409])
  await server.stop()
}
