import { z } from "zod"
import type { Memory } from "../port.ts"

/**
 * What Grantry remembers of one app's secrets, because Okta has no place for it: whose they are. No value is in it.
 * - `ours` by Okta's id: the marker and fingerprint that each was issued under
 * - `pending`: a call that was sent and not yet answered, with the ids that were there before it
 * - `ended`: ids that Grantry deactivated, so that their place may be used
 */
const shape = z.object({
  ours: z.record(z.string(), z.object({ marker: z.string(), fingerprint: z.string() })),
  pending: z.object({ marker: z.string(), before: z.array(z.string()) }).nullable(),
  ended: z.array(z.string()),
})
export type SecretNotes = z.output<typeof shape>

const nothing: SecretNotes = { ours: {}, pending: null, ended: [] }
const placeOf = (app: string): string => `secrets of ${app}`

export const secretNotes = (memory: Memory) => ({
  async read(app: string): Promise<SecretNotes> {
    const text = await memory.read(placeOf(app))
    return text === null ? nothing : shape.parse(JSON.parse(text))
  },
  write: (app: string, notes: SecretNotes): Promise<void> => memory.write(placeOf(app), JSON.stringify(notes)),
  forget: (app: string): Promise<void> => memory.write(placeOf(app), null),
})

/** The notes of secrets that are there. Okta never gives an id again, so those of others are of no use. */
export function stillOf({ ours, pending, ended }: SecretNotes, there: readonly { readonly id: string }[]): SecretNotes {
  const ids = new Set(there.map(({ id }) => id))
  return {
    ours: Object.fromEntries(Object.entries(ours).filter(([id]) => ids.has(id))),
    pending,
    ended: ended.filter((id) => ids.has(id)),
  }
}
