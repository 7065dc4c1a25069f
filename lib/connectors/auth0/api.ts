import { z } from "zod"
import { formEncoded } from "../../oauth/client-auth.ts"
import { call, type Call } from "../call.ts"
import { heldToken, type Granted } from "../held-token.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Opened } from "../port.ts"
import { recoded } from "../recoded.ts"
import { managementAudience, type Auth0Settings } from "./settings.ts"

/** One call to the Management API, without its base (`/clients`) and its token. */
export type ApiCall = Omit<Call, "url" | "headers" | "form"> & { readonly path: string }

export interface Api {
  <T extends z.ZodType>(what: ApiCall, schema: T): Promise<z.output<T>>
  (what: ApiCall, schema: null): Promise<null>
}

export interface Session {
  readonly api: Api
  /** Scopes of our own access token, as the token endpoint told them. Null: it did not tell. */
  scopes(): Promise<ReadonlySet<string> | null>
}

interface Token {
  readonly value: string
  readonly scopes: ReadonlySet<string> | null
}

/** RFC 6749 section 5.1. */
const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().nullish(),
  scope: z.string().nullish(),
})

/** A page of a hundred APIs may carry a thousand scopes each. */
const pageBytesMax = 64_000_000

/** Auth0's word for a full tenant (403): an error of its own, since no other right would help. */
const entityLimit = "too_many_entities"

/** Binds the Management API to one tenant. Our token is fetched once, renewed before its end, and once more after a 401. */
export function sessionOf(opened: Opened, settings: Auth0Settings): Session {
  const held = heldToken(login)

  async function login(): Promise<Granted<Token>> {
    const told = await call(
      opened.fetch,
      {
        step: "log in",
        kind: "read",
        method: "POST",
        url: `${settings.base_url}/oauth/token`,
        form: {
          fields: {
            grant_type: "client_credentials",
            client_id: settings.client_id,
            client_secret: settings.client_secret,
            audience: managementAudience(settings.base_url),
          },
        },
        hide: [settings.client_secret, formEncoded(settings.client_secret)],
      },
      tokenAnswer,
    )
    const scopes = typeof told.scope === "string" ? new Set(told.scope.split(" ").filter((name) => name !== "")) : null
    return { token: { value: told.access_token, scopes }, expiresInSeconds: told.expires_in ?? null }
  }

  async function send(what: ApiCall, schema: z.ZodType | null, { value }: Token): Promise<unknown> {
    const { path, ...rest } = what
    const whole: Call = {
      maxBytes: pageBytesMax,
      timeoutMs: 20_000,
      ...rest,
      url: `${settings.base_url}/api/v2${path}`,
      headers: { authorization: `Bearer ${value}` },
      hide: [...(rest.hide ?? []), value, settings.client_secret],
    }
    try {
      return schema === null ? await call(opened.fetch, whole, null) : await call(opened.fetch, whole, schema)
    } catch (error) {
      const isFull = error instanceof ConnectorError && error.code === "forbidden" && error.providerCode === entityLimit
      throw isFull ? full(error) : error
    }
  }

  return {
    api: ((what: ApiCall, schema: z.ZodType | null) => held.use((token) => send(what, schema, token))) as Api,
    scopes: async () => (await held.get()).scopes,
  }
}

const full = (error: ConnectorError): ConnectorError =>
  recoded(error, { code: "quota", message: "The tenant holds as many objects of this kind as its plan allows." })
