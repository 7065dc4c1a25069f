import { z } from "zod"
import { call } from "../call.ts"
import type { Discovered } from "../discovery.ts"
import { ConnectorError, type Introspected, type IntrospectionPort, type Opened } from "../port.ts"
import type { Session } from "./grpc.ts"
import type { GoAuthkitSettings } from "./settings.ts"

/** RFC 7662 section 2.2; `scope` is a list of objects here. */
const introspected = z.looseObject({ active: z.boolean() })

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

  async function overHttp(token: string): Promise<Introspected> {
    const step = "introspect"
    const url = settings.introspection_endpoint ?? (await discovery()).introspection_endpoint
    if (!url) throw new ConnectorError("feature_missing", step, "The server names no introspection endpoint.")
    const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
    const hide = [token, ...(bearer === undefined ? [] : [bearer])]
    return await call(
      fetch,
      { step, kind: "read", method: "POST", url, headers, form: { fields: { token } }, hide },
      introspected,
    )
  }

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
