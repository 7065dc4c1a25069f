/** What must be remembered of each registration, because the server tells it once or not at all. Sealed by the memory. */
import { z } from "zod"
import type { Json } from "../../base/json.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Memory } from "../port.ts"
import { manners, noManners } from "./manners.ts"
import type { Metadata } from "./shapes.ts"

/** Registration access tokens kept at once: the newest first, the ones before it until the newest has worked. */
const tokensMax = 4

const secret = z.object({
  /** Counts the secrets of this registration. */
  version: z.number(),
  fingerprint: z.string(),
  issued_at: z.string(),
  expires_at: z.string().nullable(),
  /** Kept until it was handed over, and an hour longer, in case that answer was lost on the way. */
  value: z.string().nullable(),
  /** Marker of the `issue` that it was handed to; null: nobody has seen it. */
  claimed_by: z.string().nullable(),
  claimed_at: z.string().nullable(),
})
export type KeptSecret = z.output<typeof secret>

const json = z.json().transform((value): Json => value)

const record = z.object({
  client_id: z.string(),
  uri: z.string().nullable(),
  tokens: z.array(z.string()),
  marker: z.string(),
  /** What we want registered, in the server's words. */
  wanted: z.record(z.string(), json),
  /** The last answer, where the server does not show a registration again. */
  told: z.record(z.string(), json).nullable(),
  secret: secret.nullable(),
  /** A replacement of the secret that was begun, and whose. */
  replacing: z.object({ marker: z.string() }).nullable(),
  grants: z.record(z.string(), z.object({ marker: z.string(), scopes: z.array(z.string()) })),
  /** A deletion was sent. Who finds it gone then knows why. */
  deleting: z.boolean(),
  /** Its access token is not accepted any more: it was deleted there, or is out of our reach. */
  unmanageable: z.boolean(),
})
export type Registration = z.output<typeof record>

const index = z.object({
  clients: z.array(z.string()),
  audiences: z.record(z.string(), z.object({ marker: z.string(), scopes: z.array(z.string()) })),
  manners,
  /** Registrations that were sent without a clear answer yet, by client: which change sent them and how often. */
  intents: z.record(z.string(), z.object({ marker: z.string(), times: z.number() })),
  /** Registrations that may exist at the server and that nobody can reach. */
  orphans: z.array(z.object({ name: z.string(), at: z.string() })),
})
export type Index = z.output<typeof index>
const emptyIndex: Index = { clients: [], audiences: {}, manners: noManners, intents: {}, orphans: [] }

export interface Records {
  index(): Promise<Index>
  /** Reads, changes, writes. One caller at a time within this opening. */
  amendIndex(change: (now: Index) => Index): Promise<Index>
  get(client: string): Promise<Registration | null>
  put(client: string, registration: Registration): Promise<void>
  amend(client: string, change: (now: Registration) => Registration): Promise<Registration | null>
  forget(client: string): Promise<void>
}

export function recordsOf(memory: Memory): Records {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const mine = last.then(run)
    last = mine.catch(() => undefined)
    return mine
  }
  const readIndex = async () => parsed(index, await memory.read("index")) ?? emptyIndex
  const nameOf = (client: string) => `client:${client}`
  const get = async (client: string) => parsed(record, await memory.read(nameOf(client)))
  const amendIndex = (change: (now: Index) => Index) =>
    inTurn(async () => {
      const before = await readIndex()
      const after = change(before)
      if (differs(after, before)) await memory.write("index", JSON.stringify(after))
      return after
    })
  return {
    index: readIndex,
    amendIndex,
    get,
    put: async (client, registration) => {
      // The name first: one without a record is harmless, a record that nobody lists would never be observed.
      await amendIndex((now) =>
        now.clients.includes(client) ? now : { ...now, clients: [...now.clients, client].toSorted() },
      )
      await inTurn(() => memory.write(nameOf(client), JSON.stringify(registration)))
    },
    amend: (client, change) =>
      inTurn(async () => {
        const before = await get(client)
        if (before === null) return null
        const after = change(before)
        if (differs(after, before)) await memory.write(nameOf(client), JSON.stringify(after))
        return after
      }),
    forget: async (client) => {
      await inTurn(() => memory.write(nameOf(client), null))
      await amendIndex((now) => ({ ...now, clients: now.clients.filter((one) => one !== client) }))
    },
  }
}

function parsed<T extends z.ZodType>(schema: T, text: string | null): z.output<T> | null {
  if (text === null) return null
  const read = schema.safeParse(JSON.parse(text))
  if (read.success) return read.data
  throw new ConnectorError("unknown", "remember", "What Grantry remembers of this provider cannot be read.")
}

/** Most answers bring nothing new: then nothing is written. */
export const differs = (after: unknown, before: unknown): boolean => JSON.stringify(after) !== JSON.stringify(before)

/** The newest first; what came before stays until the newest has worked. */
export const withToken = (tokens: readonly string[], fresh: string | null | undefined): string[] =>
  fresh ? [fresh, ...tokens.filter((one) => one !== fresh)].slice(0, tokensMax) : [...tokens]

/** `used` has just worked: what is older than it is of no use any more; what is newer came from elsewhere and stays. */
export function afterUse(tokens: readonly string[], used: string, fresh: string | null | undefined): string[] {
  const at = tokens.indexOf(used)
  return withToken(at < 0 ? [...tokens, used] : tokens.slice(0, at + 1), fresh)
}

/** The registration that an answer of the server makes known. `sent` is what was asked for. */
export function freshRegistration(
  clientId: string,
  marker: string,
  sent: Metadata,
  uri: string | null | undefined,
  token: string | null | undefined,
): Registration {
  return {
    client_id: clientId,
    uri: uri ?? null,
    tokens: withToken([], token),
    marker,
    wanted: { ...sent },
    told: null,
    secret: null,
    replacing: null,
    grants: {},
    deleting: false,
    unmanageable: false,
  }
}
