/**
 * Every expected failure is a `Refused`: a stable code, the HTTP status that the edge answers, and the evidence.
 * RFC 9457 problems are drawn from it in one place (lib/web/problem.ts). Anything else is a bug: the edge answers 500
 * with an id and logs the rest, redacted.
 */
export class Refused extends Error {
  readonly code: string
  readonly status: number
  readonly evidence: Readonly<Record<string, unknown>>

  constructor(
    code: string,
    message: string,
    options: { status?: number; evidence?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = "Refused"
    this.code = code
    this.status = options.status ?? 409
    this.evidence = options.evidence ?? {}
  }
}

/** One unusable field of the input. `path` is dotted: `scopes.0.name`. */
export interface FieldError {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** 422: the input is understood and not acceptable; every unusable field is named. */
export class Invalid extends Refused {
  readonly errors: readonly FieldError[]

  constructor(errors: readonly FieldError[]) {
    super("invalid", errors.map((e) => (e.path ? `${e.path}: ${e.message}` : e.message)).join("; "), { status: 422 })
    this.errors = errors
  }
}

export const invalid = (path: string, code: string, message: string) => new Invalid([{ path, code, message }])

export const notFound = (what: string, id: string) =>
  new Refused("not_found", `There is no ${what} ${id}.`, { status: 404, evidence: { what, id } })

export const forbidden = (permission: string) =>
  new Refused("forbidden", `This needs the permission ${permission}. An administrator can give it.`, {
    status: 403,
    evidence: { permission },
  })

export const conflict = (code: string, message: string, evidence: Record<string, unknown> = {}) =>
  new Refused(code, message, { status: 409, evidence })

export const staleEtag = (current: string) =>
  new Refused("stale", "Somebody else changed this since you read it. Nothing was written.", {
    status: 412,
    evidence: { current },
  })

/** A transient fault: the sender may send the same again after `seconds`. */
export class Unavailable extends Refused {
  readonly retryAfterSeconds: number

  constructor(
    code: string,
    message: string,
    retryAfterSeconds = 2,
    options: { status?: 429 | 503; cause?: unknown } = {},
  ) {
    super(code, message, { status: options.status ?? 503, cause: options.cause })
    this.retryAfterSeconds = retryAfterSeconds
  }
}
