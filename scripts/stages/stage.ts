/** What a stage found out. Counts are of single tests; a stage that is one check counts one. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Shown when something failed: what a person needs to see. */
  readonly report: string
  /** One line that is always shown, such as why something was skipped. */
  readonly remark?: string
}

export interface Stage {
  readonly name: string
  /** Never rejects for a failing test. */
  run(signal: AbortSignal): Promise<Counts>
}

/** A stage that is one check. */
export const one = (ok: boolean, report: string): Counts => ({
  passed: ok ? 1 : 0,
  failed: ok ? 0 : 1,
  skipped: 0,
  report,
})

/** Nothing was run. */
export const none: Counts = { passed: 0, failed: 0, skipped: 0, report: "" }
