import type { SourceView } from "../../lib/events/source-view.ts"
import type { Insights } from "../../lib/events/series.ts"
import { auditHref, type FilterField } from "../audit/filter.ts"
import { stamp, type Spoken } from "../audit/range.ts"
import type { Cell } from "../charts/Twin.tsx"
import type { Series } from "./panels.ts"

/** What a board is handed. `spoken` goes into every link, so that a relative range stays relative. */
export interface BoardProps {
  readonly data: Insights
  readonly spoken: Spoken
  readonly nowMs: number
  readonly provider: string | null
  readonly sources: readonly SourceView[]
  /** Where a source cannot show that nothing is missing: hatched in every chart. */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number }[]
  readonly time: (ms: number) => string
}

const n = new Intl.NumberFormat("en")
export const count = (value: number): string => n.format(value)
export const percent = (value: number): string => `${value === 100 ? "100" : value.toFixed(value > 99 ? 2 : 1)} %`

type Filter = Partial<Readonly<Record<FilterField, string>>>

/** A link to the rows behind a number: the same range, the same provider. */
export const rows = ({ spoken, provider }: Pick<BoardProps, "spoken" | "provider">, filter: Filter): string =>
  auditHref(
    { ...(provider === null ? {} : { provider }), ...filter },
    { since: spoken.since, from: spoken.from, to: spoken.to },
  )

export const linked = (props: Pick<BoardProps, "spoken" | "provider">, value: number, filter: Filter): Cell => ({
  text: count(value),
  href: rows(props, filter),
})

/** The table of a chart over time, newest first: each number leads to the rows of its bucket. */
export function timeRows(
  props: BoardProps,
  series: Series,
  filterOf: (name: string) => Filter | null,
  write: (value: number) => string = count,
): Cell[][] {
  const step = props.data.step_seconds * 1_000
  return series.points.toReversed().map((p) => {
    const range = { from: stamp(p.atMs), to: stamp(p.atMs + step) }
    const provider: Filter = props.provider === null ? {} : { provider: props.provider }
    return [
      { text: props.time(p.atMs) },
      ...series.names.map((name): Cell => {
        const value = p.values[name] ?? null
        if (value === null) return { absent: "nothing was reported in this time" }
        const filter = filterOf(name)
        return filter === null
          ? { text: write(value) }
          : { text: write(value), href: auditHref({ ...provider, ...filter }, range) }
      }),
    ]
  })
}
