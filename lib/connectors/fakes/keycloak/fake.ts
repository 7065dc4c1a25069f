/** A Keycloak 26.7 server in memory, with the laws of providers.md section 1. The suites of the real one run on it. */
import { movableClock, type Clock } from "../base/clock.ts"
import { faultList, type Faults } from "../base/faults.ts"
import { startServer } from "../base/server.ts"
import { signingKey } from "../base/signing.ts"
import { adminRoute, adminServer } from "./access.ts"
import { clientRoutes } from "./clients.ts"
import { logRoutes } from "./logs.ts"
import { realmRoutes } from "./realms.ts"
import { scopeRoutes } from "./scopes.ts"
import { addClient, newRealm, newSecret, refusal, type Realms } from "./state.ts"
import { tokenRoutes } from "./token.ts"

export interface FakeKeycloak {
  readonly url: string
  readonly realms: Realms
  readonly clock: Clock
  readonly faults: Faults
  /** A service account of `master` that may do everything. */
  readonly admin: { readonly client_id: string; readonly client_secret: string }
  stop(): Promise<void>
}

/** `rotates: false` is a server without the feature client-secret-rotation. */
export async function startFakeKeycloak({
  rotates = true,
  port = 0,
}: { readonly rotates?: boolean; readonly port?: number } = {}): Promise<FakeKeycloak> {
  const [clock, faults, key] = [movableClock(), faultList(), await signingKey("fake-keycloak-1")]
  const master = newRealm("master")
  const admin = { client_id: "boot", client_secret: newSecret() }
  addClient(master, { clientId: admin.client_id, secret: admin.client_secret, serviceAccountsEnabled: true })
  const realms: Realms = new Map([["master", master]])
  const server = adminServer(realms, clock, key, rotates)
  const route = adminRoute(server)
  const routes = [realmRoutes, clientRoutes, scopeRoutes, logRoutes].flatMap((of) => of(server, route))
  const { url, stop } = await startServer({
    routes: [...routes, ...tokenRoutes(server, key)],
    faults,
    port,
    missing: () => refusal(404, "HTTP 404 Not Found"),
  })
  return { url, realms, clock, faults, admin, stop }
}
