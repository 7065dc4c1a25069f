/** Which option of a searchable list the keys are at, and what `Enter` takes. Pure. */
export interface PickOption {
  readonly value: string
  readonly label: string
}

export interface PickState {
  /** The options that stand in the list. */
  readonly shown: readonly PickOption[]
  /** What is chosen. */
  readonly value: string | null
  /** What is being typed; null: nothing, the choice shows. */
  readonly typed: string | null
  /** The option that the arrow keys went to; null: none since the list opened or the text changed. */
  readonly walked: string | null
  /** The server searches: it may find by more than the label, so its first answer need not be the one that is meant. */
  readonly asked: boolean
  /** Its answer to the present text is still to come. */
  readonly searching: boolean
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

/**
 * The place of the option that `Enter` would take; -1: none. Arrow keys come first, then a label typed in full, then, where the
 * list is searched here, the first that fits. A list that was only opened stands at the choice.
 */
export function activeAt({ shown, value, typed, walked, asked }: PickState): number {
  if (walked !== null) return shown.findIndex((o) => o.value === walked)
  if (typed === null) return shown.findIndex((o) => o.value === value)
  if (typed.trim() === "") return -1
  const exact = shown.findIndex((o) => same(o.label, typed))
  return exact >= 0 || asked || shown.length === 0 ? exact : 0
}

/**
 * What `Enter` takes in the open list: an option, null (a cleared text clears the choice), "later" (what it takes of the answer that
 * is still to come), or undefined: nothing.
 */
export function taken(state: PickState): PickOption | null | "later" | undefined {
  const option = state.shown[activeAt(state)]
  if (option) return option
  if (state.typed === "") return null
  return state.searching && state.typed !== null ? "later" : undefined
}
