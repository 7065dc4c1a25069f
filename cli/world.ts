/** What the command line needs from outside. Tests hand in their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly fetch: typeof fetch
  readonly readFile: (path: string) => Promise<string>
  readonly writeFile: (path: string, text: string) => Promise<void>
  /** Results: what a script reads. */
  readonly out: (text: string) => void
  /** Questions, progress and errors: what a person reads. */
  readonly err: (text: string) => void
  /** Null where nobody is there to answer; answers null when they left without a word. */
  readonly ask: ((question: string) => Promise<string | null>) | null
  readonly sleep: (ms: number) => Promise<void>
  readonly now: () => number
}
