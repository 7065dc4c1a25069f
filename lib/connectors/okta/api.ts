import { z } from "zod"
import { atMost } from "../../base/at-most.ts"
import type { GuardedFetch } from "../../base/http.ts"
import { call, type Call } from "../call.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Opened } from "../port.ts"
import { recoded } from "../recoded.ts"
import { loginOf, type Granted } from "./login.ts"
import type { OktaSettings } from "./settings.ts"

/** One call to the org, by its path (`/api/v1/apps`), without its token. */
export type ApiCall = Omit<Call, "url" | "headers" | "form"> & { readonly path: string }

export interface Api {
  <T extends z.ZodType>(what: ApiCall, schema: T): Promise<z.output<T>>
  (what: ApiCall, schema: null): Promise<null>
}

/** A page, and where the provider says that it goes on. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Path and query; null at the end. */
  readonly next: string | null
}

export interface Session {
  readonly api: Api
  page<T>(what: Pick<ApiCall, "step" | "path">, item: z.ZodType<T>): Promise<Page<T>>
  /** Every page, by the links that Okta gives; never a half answer. */
  list<T>(what: Pick<ApiCall, "step" | "path">, item: z.ZodType<T>): Promise<readonly T[]>
  /** Which Okta scopes we have. Null: an API token has its creator's rights. */
  scopes(): Promise<ReadonlySet<string> | null>
}

const answerBytesMax = 64_000_000
const timeoutMs = 20_000
const pagesMax = 1_000
/** An org serves 35 to 75 requests at once, of everybody together (providers.md 3.2, 11.7). */
const atOnceMax = 5
/** Reads that one list leads to. */
export const readsAtOnce = 4
/** 401 with this word: the org has not bought the feature. Our credentials are fine (providers.md 3.1). */
const featureMissing = "E0000015"

/** Binds Okta's Management API to one org. A 401 makes one fresh login; everything else is a coded error. */
export function sessionOf(opened: Opened, settings: OktaSettings, now: () => Date): Session {
  const login = loginOf(opened, settings, now)
  const inLane = atMost(atOnceMax)

  const send = (what: ApiCall, schema: z.ZodType | null): Promise<[unknown, Headers]> =>
    login.use((granted) => sendAs(granted, what, schema))

  async function sendAs(granted: Granted, what: ApiCall, schema: z.ZodType | null): Promise<[unknown, Headers]> {
    const seen = watching(opened.fetch)
    const { path, ...rest } = what
    const whole: Call = {
      maxBytes: answerBytesMax,
      timeoutMs,
      now,
      ...rest,
      url: `${settings.base_url}${path}`,
      headers: { authorization: granted.authorization },
      hide: [...(rest.hide ?? []), ...secretsOf(granted)],
    }
    try {
      const told = await inLane<unknown>(() =>
        schema === null ? call(seen.fetch, whole, null) : call(seen.fetch, whole, schema),
      )
      return [told, seen.headers()]
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      if (error.code === "auth_failed" && error.providerCode === featureMissing)
        throw recoded(error, {
          code: "feature_missing",
          message: "This org does not have API Access Management, or our app no role for it.",
        })
      throw error.code === "rate_limited" && seen.headers().get("x-rate-limit-limit") === "0"
        ? crowded(error, now())
        : error
    }
  }

  const page: Session["page"] = async ({ step, path }, item) => {
    const [told, headers] = await send({ step, kind: "read", method: "GET", path }, z.array(item))
    return { items: told as readonly z.output<typeof item>[], next: nextPath(headers.get("link"), path, step) }
  }

  return {
    api: (async (what: ApiCall, schema: z.ZodType | null) => (await send(what, schema))[0]) as Api,
    page,
    async list<T>({ step, path }: Pick<ApiCall, "step" | "path">, item: z.ZodType<T>) {
      const items: T[] = []
      const seen = new Set<string>()
      for (let at: string | null = path; at !== null;) {
        if (seen.has(at)) throw new ConnectorError("unknown", step, "The provider's list does not advance.")
        if (seen.size >= pagesMax)
          throw new ConnectorError("unknown", step, `The provider's list is longer than ${pagesMax} pages.`)
        seen.add(at)
        const told: Page<T> = await page({ step, path: at }, item)
        items.push(...told.items)
        at = told.next
      }
      return items
    },
    scopes: async () => (await login.granted()).scopes,
  }
}

const secretsOf = ({ authorization }: Granted): readonly string[] => [authorization.replace(/^\S+ /, "")]

/** The headers of the last answer that came through. */
function watching(fetch: GuardedFetch): { fetch: GuardedFetch; headers: () => Headers } {
  let last = new Headers()
  return {
    async fetch(url, init) {
      const answer = await fetch(url, init)
      last = answer.headers
      return answer
    },
    headers: () => last,
  }
}

/** RFC 8288 section 3. The link names the org by whatever name; we go on where we are, and nowhere else. */
export function nextPath(link: string | null, path: string, step: string): string | null {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1]
  if (target === undefined) return null
  const url = URL.parse(target, "https://org.invalid")
  if (url === null || url.pathname !== path.split("?")[0])
    throw new ConnectorError("unknown", step, "The provider's next page is another address than its list.")
  return `${url.pathname}${url.search}`
}

/** Too many at once, not too many in a minute: the reset time is only a hint, so we come back within 1 to 5 s. */
const crowded = (error: ConnectorError, now: Date): ConnectorError =>
  recoded(error, {
    message: "The provider serves too many requests at once.",
    retryAt: new Date(now.getTime() + 1_000 + Math.random() * 4_000),
  })
