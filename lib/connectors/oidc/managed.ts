import { call, type CallKind } from "../call.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Opened } from "../port.ts"
import { afterUse, differs, type Records, type Registration } from "./records.ts"
import { clientInformation, type ClientInformation, type Metadata } from "./shapes.ts"

/** One call at the registration's own address (RFC 7592 section 2). Null: a deletion was answered. */
export type Managed = (
  client: string,
  step: string,
  method: "GET" | "PUT" | "DELETE",
  kind: CallKind,
  json?: Metadata,
) => Promise<ClientInformation | null>

/**
 * Each registration has an access token of its own, and any answer may bring a new one: calls are made with whichever still
 * works, and what an answer brings is remembered before the answer is used.
 */
export function managedBy(opened: Opened, records: Records, now: () => Date): Managed {
  return async (client, step, method, kind, json) => {
    const tried = new Set<string>()
    for (;;) {
      const registration = await records.get(client)
      if (registration === null)
        throw new ConnectorError("not_found", step, "This client is not registered by Grantry.")
      const { uri, tokens } = registration
      if (uri === null || tokens.length === 0)
        throw new ConnectorError("feature_missing", step, "The server offers no management of this registration.", {
          httpStatus: 405,
        })
      const token = tokens.find((one) => !tried.has(one))
      if (token === undefined) {
        await records.amend(client, (then) => ({ ...then, unmanageable: true }))
        throw new ConnectorError(
          "forbidden",
          step,
          "The registration's access token is not accepted: the client was deleted at the server, or is out of our reach.",
          { httpStatus: 401 },
        )
      }
      tried.add(token)
      const what = {
        step,
        kind,
        method,
        url: uri,
        headers: { authorization: `Bearer ${token}` },
        hide: [...tokens, ...(registration.secret?.value ? [registration.secret.value] : [])],
        ...(json === undefined ? {} : { json }),
        now,
      } as const
      try {
        const told = method === "DELETE" ? null : await call(opened.fetch, what, clientInformation)
        if (method === "DELETE") await call(opened.fetch, what, null)
        const used = (then: Registration): Registration => ({
          ...then,
          tokens: afterUse(then.tokens, token, told?.registration_access_token),
          uri: told?.registration_client_uri ?? then.uri,
          unmanageable: false,
        })
        if (differs(used(registration), registration)) await records.amend(client, used)
        return told
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.code !== "auth_failed") throw error
      }
    }
  }
}
