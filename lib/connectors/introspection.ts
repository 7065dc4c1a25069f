import { z } from "zod"
import type { GuardedFetch } from "../base/http.ts"
import { call } from "./call.ts"
import { ConnectorError } from "./connector-error.ts"
import type { Introspected } from "./port.ts"

/** RFC 7662 section 2.2. */
export const introspected = z.looseObject({ active: z.boolean() })

/** Who asks (RFC 7662 section 2.1): an OAuth client by HTTP Basic, a bearer token, or nobody in particular. */
export type Asker =
  { readonly client: { readonly id: string; readonly secret: string } } | { readonly bearer: string | undefined }

/** Introspects a token at an endpoint. No error repeats the token. Throws `feature_missing` where there is no endpoint. */
export async function introspectAt(
  fetch: GuardedFetch,
  url: string | null | undefined,
  token: string,
  asker: Asker,
): Promise<Introspected> {
  const step = "introspect"
  if (!url) throw new ConnectorError("feature_missing", step, "The server publishes no introspection endpoint.")
  const bearer = "bearer" in asker ? asker.bearer : undefined
  return await call(
    fetch,
    {
      step,
      kind: "read",
      method: "POST",
      url,
      form: { fields: { token }, ...("client" in asker ? { client: asker.client } : {}) },
      ...(bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } }),
      hide: [token, ...(bearer === undefined ? [] : [bearer])],
    },
    introspected,
  )
}
