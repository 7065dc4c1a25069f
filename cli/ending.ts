/** How a run ends, as its exit code says it to scripts. */
export const endings = {
  /** Nothing differs; after `apply`: nothing differs any more. */
  none: 0,
  /** Something differs; after `apply`: something still does. */
  changes: 1,
  /** The command, its file or its credentials cannot be used. */
  usage: 2,
  /** Grantry or a provider did not answer, so nobody knows. */
  unreachable: 3,
} as const
export type Ending = keyof typeof endings

/** Ends the run, with what a person must read. `json` is what `--json` adds to it. */
export class Ends extends Error {
  readonly ending: Ending
  readonly json: Readonly<Record<string, unknown>>

  constructor(ending: Ending, message: string, json: Record<string, unknown> = {}, options?: { cause: unknown }) {
    super(message, options)
    this.name = "Ends"
    this.ending = ending
    this.json = json
  }
}
