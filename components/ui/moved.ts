/** A key, as its event tells it. */
export interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/**
 * Where a key leads in a menu or a list of `words`, from the place `at` (-1: from none): the arrows go round, `Home` and `End` to
 * its ends, a letter to the next one that begins with it. Null for any other key, and for those that are commands of the browser
 * or the system (Ctrl, Cmd, Alt). WAI-ARIA Authoring Practices, Menu Button.
 */
export function moved({ key, ctrlKey, metaKey, altKey }: Press, at: number, words: readonly string[]): number | null {
  const n = words.length
  if (n === 0 || ctrlKey || metaKey || altKey) return null
  if (key === "ArrowDown") return (at + 1) % n
  if (key === "ArrowUp") return at <= 0 ? n - 1 : at - 1
  if (key === "Home") return 0
  if (key === "End") return n - 1
  if (key.length !== 1 || key === " ") return null
  const after = [...words.keys()].map((i) => (at + 1 + i) % n)
  return after.find((i) => words[i]?.trim().toLowerCase().startsWith(key.toLowerCase())) ?? null
}
