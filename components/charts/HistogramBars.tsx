"use client"

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, XAxis, YAxis } from "recharts"
import { colours } from "./colours.ts"
import { compact, tick } from "./ticks.ts"

export interface Bucket {
  readonly atMs: number
  readonly success: number
  readonly failure: number
}

/** The y axis takes this much room on the left; the overlay that zooms starts after it. */
export const axisWidth = 44

/** Success and failure stacked; failure is hatched, so that it is told without colour. Drawn without motion. */
export function HistogramBars({
  buckets,
  spanMs,
  zone,
  height,
}: {
  buckets: readonly Bucket[]
  spanMs: number
  zone: string
  height: number
}) {
  return (
    <ResponsiveContainer width="100%" height={height}>
      <BarChart
        data={[...buckets]}
        margin={{ top: 4, right: 0, bottom: 0, left: 0 }}
        barCategoryGap={buckets.length > 60 ? 1 : "12%"}
        accessibilityLayer={false}
      >
        <defs>
          <pattern id="failure-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="5" height="5" fill={colours.failure} />
            <line x1="0" y1="0" x2="0" y2="5" stroke="var(--surface)" strokeWidth="2.2" />
          </pattern>
        </defs>
        <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
        <XAxis
          dataKey="atMs"
          tickFormatter={(ms: number) => tick(ms, spanMs, zone)}
          tick={{ fill: "var(--chart-text)", fontSize: 11 }}
          axisLine={{ stroke: "var(--line)" }}
          tickLine={false}
          minTickGap={36}
          height={22}
        />
        <YAxis
          width={axisWidth}
          tickFormatter={compact}
          tick={{ fill: "var(--chart-text)", fontSize: 11 }}
          axisLine={false}
          tickLine={false}
          allowDecimals={false}
          tickCount={4}
        />
        <Bar dataKey="success" stackId="result" fill={colours.success} isAnimationActive={false} />
        <Bar
          dataKey="failure"
          stackId="result"
          fill="url(#failure-hatch)"
          stroke={colours.failure}
          strokeWidth={1}
          isAnimationActive={false}
        />
      </BarChart>
    </ResponsiveContainer>
  )
}
