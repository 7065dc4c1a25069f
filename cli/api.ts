import type { z } from "zod"
import { Ends, type Ending } from "./ending.ts"
import { problem, type Problem } from "./shapes.ts"
import type { World } from "./world.ts"

/** A plan is answered within 60 s (contract section 4), reading the providers included. */
const requestTimeoutMs = 90_000

export interface Call {
  readonly method?: "GET" | "POST" | "PUT"
  /** A document goes as it stands in its file; everything else is JSON. */
  readonly document?: { readonly text: string; readonly type: string }
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The content type of what Grantry answers here; JSON is told by its shape. */
  readonly answers?: "application/yaml"
}

/** What the API refused. */
export class Refusal extends Ends {
  readonly status: number
  readonly problem: Problem

  constructor(status: number, told: Problem) {
    super(endingOf(status), told.detail ?? told.title ?? told.code, { code: told.code })
    this.name = "Refusal"
    this.status = status
    this.problem = told
  }
}

/** 409 and 412 tell of the state of things, so what was to change still differs. */
function endingOf(status: number): Ending {
  if (status === 409 || status === 412) return "changes"
  return status === 429 || status >= 500 ? "unreachable" : "usage"
}

export class Api {
  readonly base: string
  private readonly token: string
  private readonly world: World

  /** GRANTRY_URL and GRANTRY_TOKEN. Ends with `usage` where they cannot be used: a token goes over plain http on loopback only. */
  constructor(world: World, url: string | undefined, plainHttp: boolean) {
    const { GRANTRY_TOKEN: token } = world.env
    if (token === undefined || token === "")
      throw new Ends("usage", "Set GRANTRY_TOKEN to an API token of Settings → API tokens.")
    if (!/^[\x21-\x7e]+$/.test(token)) throw new Ends("usage", "GRANTRY_TOKEN holds a character that no token has.")
    this.base = baseOf(url ?? world.env["GRANTRY_URL"] ?? "http://127.0.0.1:3000", plainHttp)
    this.token = token
    this.world = world
  }

  async get<S extends z.ZodType>(path: string, shape: S): Promise<z.infer<S>> {
    return this.parsed(path, shape, {})
  }

  async send<S extends z.ZodType>(path: string, shape: S, call: Call): Promise<z.infer<S>> {
    return this.parsed(path, shape, { method: "POST", ...call })
  }

  /** The answer as text. Throws Refusal for what the API refused, Ends `unreachable` where nothing or nonsense came back. */
  async text(path: string, call: Call): Promise<string> {
    const { status, type, body } = await this.exchange(path, call)
    if (status >= 200 && status < 300) {
      if (call.answers !== undefined && type !== call.answers) throw this.stranger()
      return body
    }
    const told = problem.safeParse(parsed(body))
    throw new Refusal(
      status,
      told.success ? told.data : { code: "no_problem", detail: `${this.base} answered ${status}.` },
    )
  }

  private async parsed<S extends z.ZodType>(path: string, shape: S, call: Call): Promise<z.infer<S>> {
    const answer = shape.safeParse(parsed(await this.text(path, call)))
    if (answer.success) return answer.data
    throw this.stranger()
  }

  private stranger(): Ends {
    return new Ends("unreachable", `${this.base} answered, but not as Grantry does. Is GRANTRY_URL right?`)
  }

  private async exchange(path: string, call: Call): Promise<{ status: number; type: string; body: string }> {
    const { document, json } = call
    const type = document?.type ?? (json === undefined ? undefined : "application/json")
    try {
      const answer = await this.world.fetch(`${this.base}/api/v1${path}`, {
        method: call.method ?? "GET",
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(type === undefined ? {} : { "content-type": type }),
          ...call.headers,
        },
        ...(type === undefined ? {} : { body: document?.text ?? JSON.stringify(json) }),
        // The token is for this address alone.
        redirect: "error",
        signal: AbortSignal.timeout(requestTimeoutMs),
      })
      const [answered = ""] = (answer.headers.get("content-type") ?? "").split(";")
      return { status: answer.status, type: answered.trim().toLowerCase(), body: await answer.text() }
    } catch (error) {
      throw new Ends("unreachable", `${this.base} does not answer: ${reason(error)}.`, {}, { cause: error })
    }
  }
}

function baseOf(text: string, plainHttp: boolean): string {
  const url = URL.parse(text)
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "" || url.search !== "")
    throw new Ends("usage", `${JSON.stringify(text)} is no address of Grantry, like https://grantry.example.`)
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (url.protocol === "http:" && !loopback && !plainHttp)
    throw new Ends(
      "usage",
      `The token would go to ${url.host} in the clear. Use https, or say --plain-http if that is meant.`,
    )
  return url.href.replace(/\/+$/, "")
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

/** `fetch failed` says nothing; its cause does. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === "TimeoutError") return `not within ${requestTimeoutMs / 1000} s`
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message
}
