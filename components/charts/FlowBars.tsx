import { VisuallyHidden } from "@mantine/core"
import { Table } from "../ui/Table.tsx"
import classes from "./FlowBars.module.css"

export interface FlowBucket {
  readonly at: string
  readonly counts: { readonly success: number; readonly failure: number }
}

const height = 88
const number = new Intl.NumberFormat("en")

/** Success and failure per bucket, stacked; failure is hatched, so that colour is not alone. A table twin says the same in words. */
export function FlowBars({ buckets, label }: { buckets: readonly FlowBucket[]; label: string }) {
  const top = Math.max(1, ...buckets.map((b) => b.counts.success + b.counts.failure))
  const failed = buckets.reduce((sum, b) => sum + b.counts.failure, 0)
  const all = buckets.reduce((sum, b) => sum + b.counts.success + b.counts.failure, 0)
  const said = buckets.filter((b) => b.counts.success + b.counts.failure > 0)
  return (
    <figure className={classes.figure}>
      <svg
        viewBox={`0 0 ${buckets.length * 10} ${height}`}
        preserveAspectRatio="none"
        className={classes.plot}
        role="img"
        aria-label={`${label}: ${number.format(all)} events, ${number.format(failed)} failed`}
      >
        <defs>
          <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="4" height="4" className={classes.failure} />
            <rect width="1.2" height="4" className={classes.hatch} />
          </pattern>
        </defs>
        {buckets.map((b, i) => {
          const ok = (b.counts.success / top) * height
          const bad = (b.counts.failure / top) * height
          return (
            <g key={b.at}>
              <rect x={i * 10 + 1} width={8} y={height - ok} height={ok} className={classes.success} />
              <rect x={i * 10 + 1} width={8} y={height - ok - bad} height={bad} fill="url(#hatch)" />
            </g>
          )
        })}
      </svg>
      <VisuallyHidden>
        <Table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Success</th>
              <th scope="col">Failure</th>
            </tr>
          </thead>
          <tbody>
            {said.map((b) => (
              <tr key={b.at}>
                <th scope="row">{b.at}</th>
                <td>{b.counts.success}</td>
                <td>{b.counts.failure}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </VisuallyHidden>
    </figure>
  )
}
