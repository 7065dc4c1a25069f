import { z } from "zod"
import type { Memory } from "../port.ts"

/**
 * What Grantry remembers of one client's secrets, because Cognito has no place for it. No value is in it.
 * - `ours` by Cognito's id: the marker and fingerprint that each was issued under
 * - `pending`: a call that was sent and not yet answered, with the ids that were there before it
 */
const shape = z.object({
  ours: z.record(z.string(), z.object({ marker: z.string(), fingerprint: z.string() })),
  pending: z.object({ marker: z.string(), before: z.array(z.string()) }).nullable(),
})
export type SecretNotes = z.output<typeof shape>

const nothing: SecretNotes = { ours: {}, pending: null }
const secretsOf = (clientId: string): string => `secrets of ${clientId}`
const makingOf = (key: string): string => `making of ${key}`
const switchOf = (clientId: string): string => `switch of ${clientId}`

export interface Notes {
  read(clientId: string): Promise<SecretNotes>
  write(clientId: string, notes: SecretNotes): Promise<void>
  /**
   * The marker under which we made, or were about to make, the client of this name: the secret that Cognito gave it then
   * was shown to nobody. Null: there is no such secret, or no longer.
   */
  making(key: string): Promise<string | null>
  remember(key: string, marker: string): Promise<void>
  forgetMaking(key: string): Promise<void>
  /** Is a client wanted on that has no scope, and so cannot be, and that does not say so by a name of ours? */
  wantedOn(clientId: string): Promise<boolean>
  keepWantedOn(clientId: string, on: boolean): Promise<void>
  forget(clientId: string, key: string): Promise<void>
}

export const notesOf = (memory: Memory): Notes => ({
  async read(clientId) {
    const text = await memory.read(secretsOf(clientId))
    return text === null ? nothing : shape.parse(JSON.parse(text))
  },
  write: (clientId, notes) => memory.write(secretsOf(clientId), JSON.stringify(notes)),
  making: (key) => memory.read(makingOf(key)),
  remember: (key, marker) => memory.write(makingOf(key), marker),
  forgetMaking: (key) => memory.write(makingOf(key), null),
  wantedOn: async (clientId) => (await memory.read(switchOf(clientId))) === "on",
  keepWantedOn: (clientId, on) => memory.write(switchOf(clientId), on ? "on" : null),
  async forget(clientId, key) {
    for (const name of [secretsOf(clientId), makingOf(key), switchOf(clientId)]) await memory.write(name, null)
  },
})
