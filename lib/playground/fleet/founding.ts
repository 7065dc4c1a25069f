/** The services of the founding documents 1 and 3 within the fleet, the identity provider of the third, and who calls them. */
import { randomBytes } from "node:crypto"
import { startGoAuthkitTwin, twinPermission } from "../../connectors/fakes/go_authkit/idp.ts"
import { createIntrospector } from "../../oauth/introspection.ts"
import { providerConfig } from "../../oauth/provider-config.ts"
import type { RequireScopeOptions } from "../../oauth/require-scope.ts"
import { TokenManager } from "../../oauth/token-manager.ts"
import { audienceOf } from "../demo/layout.ts"
import { introspectScope } from "../idp/shapes.ts"
import { greeterClient, greeterScope, startGreeter } from "./greeter.ts"
import { startResourceService } from "./resource.ts"
import type { Journey, WrongCalls } from "./traffic.ts"

export interface FoundingOptions {
  readonly host: string
  readonly issuer: string
  readonly authServer: string
  /** `caller` is document 1's `CC`; `greeter` is its service, which may introspect. */
  readonly tokens: { readonly caller: TokenManager; readonly greeter: TokenManager }
  readonly greeter: { readonly clientId: string; readonly clientSecret: string }
  readonly onEvent: NonNullable<RequireScopeOptions["onEvent"]>
  readonly now: () => number
}

export interface Founding {
  readonly urls: { readonly records: string; readonly resource: string }
  readonly journeys: readonly Journey[]
  readonly wrongly: Pick<
    WrongCalls,
    "grpc_unauthenticated" | "grpc_permission_denied" | "bearer_missing" | "role_missing"
  >
  readonly close: () => Promise<void>
}

const idpName = "demo-go-authkit"
const users = ["user", "admin", "admin2"] as const

export async function startFounding(options: FoundingOptions, startResource = startResourceService): Promise<Founding> {
  const { host, issuer, onEvent, tokens, now } = options
  const audience = audienceOf("records")
  const { clientId, clientSecret: secret } = options.greeter
  // Whatever fails to open closes all before it.
  await using opening = new AsyncDisposableStack()
  const greeter = opening.adopt(
    await startGreeter(host, {
      verifier: createIntrospector({
        discoverFrom: issuer,
        auth: { method: "basic", clientId, secret },
        audience,
        now,
      }),
      onEvent,
      authServer: options.authServer,
    }),
    (service) => service.close(),
  )
  const idp = opening.adopt(await startGoAuthkitTwin(), (twin) => twin.stop())
  const resource = opening.adopt(
    await startResource({
      host,
      issuer: idp.url,
      introspectionToken: twinPermission,
      onEvent,
      authServer: idpName,
    }),
    (service) => service.close(),
  )
  const client = opening.adopt(greeterClient(greeter.url), (caller) => caller.close())
  const greet = async (token: string, headers: Readonly<Record<string, string>>) =>
    (await client.sayHello("GreeterClient", token, headers["traceparent"])).status
  const ask = async (path: string, headers: Readonly<Record<string, string>>, token?: string) => {
    const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const signal = AbortSignal.timeout(5_000)
    const answer = await fetch(resource.url + path, { headers: { ...headers, ...authorization }, signal })
    await answer.body?.cancel()
    return answer.status
  }
  const provider = providerConfig("generic", { tokenUrl: `${idp.url}/idp/token`, audienceParameter: "none" })
  const managers = new Map(
    users.map((user) => {
      const auth = { method: "client_secret_basic", secret: `${user}-pwd` } as const
      return [user, new TokenManager({ provider, clientId: user, auth, now })] as const
    }),
  )
  const tokenOf = async (user: (typeof users)[number]) => (await managers.get(user)?.get({}))?.token ?? ""

  const opened = opening.move()
  return {
    urls: { records: greeter.url, resource: resource.url },
    journeys: [
      {
        what: "CC greets over gRPC",
        share: 2,
        run: async (headers) => greet((await tokens.caller.get({ scope: greeterScope, audience })).token, headers),
      },
      {
        what: "user asks the resource service",
        share: 1,
        run: async (headers) => ask("/", headers, await tokenOf("user")),
      },
      {
        what: "admin2 administers the resource service",
        share: 1,
        run: async (headers) => ask("/admin", headers, await tokenOf("admin2")),
      },
      {
        what: "admin administers the resource service",
        share: 1,
        run: async (headers) => ask("/admin", headers, await tokenOf("admin")),
      },
    ],
    wrongly: {
      grpc_unauthenticated: (headers) => greet(randomBytes(32).toString("base64url"), headers),
      grpc_permission_denied: async (headers) =>
        greet((await tokens.greeter.get({ scope: introspectScope, audience })).token, headers),
      bearer_missing: (headers) => ask("/", headers),
      role_missing: async (headers) => ask("/admin", headers, await tokenOf("user")),
    },
    close: () => opened.disposeAsync(),
  }
}
