import type { Discovered } from "../discovery.ts"
import { introspectAt } from "../introspection.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Introspected, IntrospectionPort, Opened } from "../port.ts"
import type { Session } from "./grpc.ts"
import type { GoAuthkitSettings } from "./settings.ts"

/** What the server has decided is not asked for again elsewhere. */
const final = new Set(["auth_failed", "forbidden", "rate_limited"])

/** gRPC first where a target is set, and HTTP where that cannot be had (the habit of go-authkit's own client). */
export function introspectionPort(
  { fetch, resolve }: Opened,
  settings: GoAuthkitSettings,
  discovery: () => Promise<Discovered>,
): IntrospectionPort {
  const session: Session = { id: null }
  const { bearer_token: bearer, grpc_target: target } = settings

  const overHttp = async (token: string): Promise<Introspected> =>
    await introspectAt(fetch, settings.introspection_endpoint ?? (await discovery()).introspection_endpoint, token, {
      bearer,
    })

  return {
    async introspect(token) {
      if (target === undefined) return await overHttp(token)
      // Loaded when it is needed: most processes never speak gRPC.
      const { introspectOverGrpc } = await import("./grpc.ts")
      return await introspectOverGrpc(token, target, settings, resolve, session).catch(async (error: unknown) => {
        if (!(error instanceof ConnectorError) || final.has(error.code)) throw error
        return await overHttp(token)
      })
    },
  }
}
