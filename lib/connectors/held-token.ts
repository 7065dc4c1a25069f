import { minuteMs, secondMs } from "../base/time.ts"
import { ConnectorError } from "./connector-error.ts"

/** What a token endpoint granted us: `expiresInSeconds` as it was told (RFC 6749 section 5.1), null where it was not. */
export interface Granted<T> {
  readonly token: T
  readonly expiresInSeconds: number | null
}

export interface HeldToken<T> {
  /** The token of our own credentials. Whoever asks while it is being fetched shares that one request, and its failure. */
  get(): Promise<T>
  /** Logs in now, whatever is held. */
  fresh(): Promise<T>
  /** Runs with the token. Where the provider refuses it (`auth_failed`), runs once more with a fresh one. */
  use<R>(run: (token: T) => Promise<R>): Promise<R>
}

/** Renewed this long before its end; a token of less than three minutes, when a third of its life is left. */
const earlyMs = minuteMs

/**
 * Keeps one access token for Grantry's own calls to a provider. A refusal forgets only the token that was refused, so that
 * ten calls that were refused together fetch one fresh token and not ten. `now` is the clock, in milliseconds since 1970.
 */
export function heldToken<T>(login: () => Promise<Granted<T>>, now: () => number = Date.now): HeldToken<T> {
  interface Entry {
    readonly asked: Promise<T>
    /** Null while it is asked for. */
    granted: { readonly token: T; readonly freshUntil: number } | null
  }
  let held: Entry | null = null

  function start(): Entry {
    const at = now()
    const asked = login().then(
      ({ token, expiresInSeconds }) => {
        const lifeMs = (expiresInSeconds ?? 0) * secondMs
        entry.granted = { token, freshUntil: at + lifeMs - Math.min(earlyMs, lifeMs / 3) }
        return token
      },
      (error: unknown) => {
        if (held === entry) held = null
        throw error
      },
    )
    const entry: Entry = { asked, granted: null }
    held = entry
    return entry
  }

  const get = (): Promise<T> => {
    const usable = held !== null && (held.granted === null || now() < held.granted.freshUntil)
    return (usable && held !== null ? held : start()).asked
  }

  return {
    get,
    fresh: () => start().asked,
    async use(run) {
      const token = await get()
      try {
        return await run(token)
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.code !== "auth_failed") throw error
        if (held?.granted?.token === token) held = null
        return await run(await get())
      }
    },
  }
}
