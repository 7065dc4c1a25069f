import { z } from "zod"

/**
 * Who can call whom against who does. `used`: granted, an API let calls in. `requested`: granted, tokens were issued and no API
 * reported a call (requested is not used). `unused`: granted and nothing seen. `ungranted`: tokens issued or calls let in
 * without a grant. `refused`: no grant, and every try was turned away.
 */
export const pairStates = ["used", "requested", "unused", "ungranted", "refused"] as const
export type PairState = (typeof pairStates)[number]

const granted = z.object({
  id: z.string(),
  scopes: z.array(z.string()).readonly(),
  /** RFC 3339, or null for no end. */
  expires_at: z.string().nullable(),
})
const observed = z.object({
  issued: z.number(),
  refused: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  /** The last event. To the hour, or before today to the day; to the hour where a grant of the client ended within the range. */
  last_at: z.string(),
  /** As exactly: the last of those that were let through; null when none was. */
  allowed_at: z.string().nullable(),
})
export const pairView = z.object({
  audience: z.string(),
  state: z.enum(pairStates),
  grant: granted.nullable(),
  observed: observed.nullable(),
})
export type Granted = Readonly<z.infer<typeof granted>>
export type Observed = Readonly<z.infer<typeof observed>>
export type Pair = Readonly<z.infer<typeof pairView>>

/** What was granted and what was seen of one client, joined by audience and in its order. Pure. */
export function pairsOf(
  grants: readonly (Granted & { readonly audience: string })[],
  seen: readonly (Observed & { readonly audience: string })[],
): Pair[] {
  const wanted = new Map(grants.map(({ audience, id, scopes, expires_at }) => [audience, { id, scopes, expires_at }]))
  const met = new Map<string, Observed>()
  for (const { audience, ...now } of seen) met.set(audience, sum(met.get(audience), now))
  return [...new Set([...wanted.keys(), ...met.keys()])].sort().map((audience) => {
    const pair = { grant: wanted.get(audience) ?? null, observed: met.get(audience) ?? null }
    return { audience, state: stateOf(pair.grant, pair.observed), ...pair }
  })
}

/** A client may go by several ids: its own name, and those that providers gave it. */
function sum(a: Observed | undefined, b: Observed): Observed {
  if (a === undefined) return pick(b)
  return {
    issued: a.issued + b.issued,
    refused: a.refused + b.refused,
    accepted: a.accepted + b.accepted,
    rejected: a.rejected + b.rejected,
    last_at: a.last_at > b.last_at ? a.last_at : b.last_at,
    allowed_at: (a.allowed_at ?? "") > (b.allowed_at ?? "") ? a.allowed_at : b.allowed_at,
  }
}
const pick = ({ issued, refused, accepted, rejected, last_at, allowed_at }: Observed): Observed => ({
  issued,
  refused,
  accepted,
  rejected,
  last_at,
  allowed_at,
})

/**
 * What was let through before a grant's end was granted then, and so was what came in the hour of its end: a token that was
 * issued before it lives on for a while. That the rest is turned away since is what an end is for.
 */
function stateOf(grant: Granted | null, observed: Observed | null): PairState {
  if (observed === null) return "unused"
  const at = observed.allowed_at ?? observed.last_at
  const covered = grant !== null && (grant.expires_at === null || at < grant.expires_at)
  if (covered) return observed.accepted > 0 ? "used" : observed.issued > 0 ? "requested" : "unused"
  return observed.accepted + observed.issued > 0 ? "ungranted" : "refused"
}
