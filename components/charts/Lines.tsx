"use client"

import { CartesianGrid, Line, LineChart, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts"
import { absolute } from "../ui/time.ts"
import { seriesColours, seriesDashes } from "./colours.ts"
import { lonely } from "./lonely.ts"
import { compact, tick } from "./ticks.ts"

export interface LinesProps {
  readonly points: readonly { readonly atMs: number; readonly values: Readonly<Record<string, number | null>> }[]
  readonly names: readonly string[]
  readonly zone: string
  readonly height: number
  readonly unit?: string | undefined
  /** The highest value of the axis, where it is known: 100 for a share. */
  readonly top?: number | undefined
  /** Times over which nothing may be concluded, for a source cannot show that nothing is missing. */
  readonly gaps?: readonly Gap[] | undefined
}

export interface Gap {
  readonly fromMs: number
  readonly toMs: number
}

/** One line per series, each with a dash of its own. Where a value is absent the line breaks. Drawn without motion. */
export function Lines({ points, names, zone, height, unit = "", top, gaps = [] }: LinesProps) {
  const data = points.map((p) => ({ atMs: p.atMs, ...p.values }))
  const spanMs = (points.at(-1)?.atMs ?? 0) - (points[0]?.atMs ?? 0)
  const areas = gaps.flatMap((g) => {
    const inside = points.filter((p) => p.atMs + spanMs / Math.max(1, points.length - 1) > g.fromMs && p.atMs < g.toMs)
    const [first, last] = [inside[0], inside.at(-1)]
    return first && last ? [{ x1: first.atMs, x2: last.atMs }] : []
  })
  return (
    <ResponsiveContainer width="100%" height={height}>
      <LineChart data={data} margin={{ top: 6, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <defs>
          <pattern id="gap-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" y1="0" x2="0" y2="7" stroke="var(--warn)" strokeOpacity="0.45" strokeWidth="3" />
          </pattern>
        </defs>
        <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
        <XAxis
          dataKey="atMs"
          tickFormatter={(ms: number) => tick(ms, spanMs, zone)}
          tick={{ fill: "var(--chart-text)", fontSize: 11 }}
          axisLine={{ stroke: "var(--line)" }}
          tickLine={false}
          minTickGap={40}
          height={22}
        />
        <YAxis
          width={46}
          domain={[0, top ?? "auto"]}
          tickFormatter={(v: number) => `${compact(v)}${unit}`}
          tick={{ fill: "var(--chart-text)", fontSize: 11 }}
          axisLine={false}
          tickLine={false}
          {...(top === 100 ? { ticks: [0, 25, 50, 75, 100] } : { tickCount: 4 })}
        />
        {areas.map((a) => (
          <ReferenceArea key={a.x1} x1={a.x1} x2={a.x2} fill="url(#gap-hatch)" />
        ))}
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: "var(--line)" }}
          contentStyle={{
            background: "var(--surface)",
            border: "1px solid var(--line)",
            borderRadius: 5,
            fontSize: 12,
          }}
          labelStyle={{ color: "var(--mantine-color-text)" }}
          itemStyle={{ color: "var(--mantine-color-text)", padding: 0 }}
          labelFormatter={(label: unknown) =>
            typeof label === "number" ? absolute(new Date(label).toISOString(), zone, { short: true }) : ""
          }
          formatter={(value: unknown) =>
            typeof value === "number"
              ? `${new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(value)}${unit}`
              : "–"
          }
        />
        {names.map((name, i) => {
          const colour = seriesColours[i % seriesColours.length] ?? "currentColor"
          const alone = lonely(points.map(({ values }) => values[name]))
          return (
            <Line
              key={name}
              dataKey={name}
              type="linear"
              dot={
                alone.size > 0 &&
                (({ key, index, cx, cy }) =>
                  alone.has(index) ? <circle key={key} cx={cx} cy={cy} r={3} fill={colour} /> : <g key={key} />)
              }
              stroke={colour}
              strokeDasharray={seriesDashes[i % seriesDashes.length] ?? "0"}
              strokeWidth={1.8}
              isAnimationActive={false}
              connectNulls={false}
            />
          )
        })}
      </LineChart>
    </ResponsiveContainer>
  )
}
