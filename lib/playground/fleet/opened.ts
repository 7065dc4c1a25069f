/** Something that runs until it is closed. */
export interface Closable {
  readonly close: () => Promise<void> | void
}

export interface Opened {
  /** What opened, once it has; where it does not, all that opened before is closed. */
  readonly open: <T extends Closable>(opening: Promise<T>) => Promise<T>
  /** Closes the last opened first: who is still asked by another ends after it. */
  readonly close: () => Promise<void>
}

/** Keeps what is opened one after another, so that all of it can be closed. */
export function openedTogether(): Opened {
  const opened: Closable[] = []
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one.close()
  }
  return {
    async open(opening) {
      try {
        const one = await opening
        opened.push(one)
        return one
      } catch (error) {
        await close()
        throw error
      }
    },
    close,
  }
}
