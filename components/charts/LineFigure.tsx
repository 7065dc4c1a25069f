"use client"

import { Skeleton } from "@mantine/core"
import dynamic from "next/dynamic"
import { Marked } from "../ui/Marked.tsx"
import { useZone } from "../ui/zone.tsx"
import classes from "./charts.module.css"
import { seriesColours, seriesDashes } from "./colours.ts"
import type { LinesProps } from "./Lines.tsx"

const height = 168
const Lines = dynamic(() => import("./Lines.tsx").then((m) => m.Lines), {
  ssr: false,
  loading: () => <Skeleton height={height} />,
})

/** Lines over time with their keys; the chart's code comes after the page. Screen readers take the table beside it. */
export function LineFigure({
  points,
  names,
  unit,
  top,
  gaps = [],
}: Pick<LinesProps, "points" | "names" | "unit" | "top" | "gaps">) {
  const zone = useZone()
  return (
    <div aria-hidden>
      <div className={classes.chart} style={{ height }}>
        <Lines points={points} names={names} zone={zone.name} height={height} unit={unit} top={top} gaps={gaps} />
      </div>
      {(names.length > 1 || gaps.length > 0) && (
        <div className={`${classes.chart} ${classes.legend}`}>
          {names.map((name, i) => (
            <span key={name} className={classes.key}>
              <svg width="22" height="8" aria-hidden>
                <line
                  x1="0"
                  y1="4"
                  x2="22"
                  y2="4"
                  strokeWidth="2.2"
                  stroke={seriesColours[i % seriesColours.length]}
                  strokeDasharray={seriesDashes[i % seriesDashes.length]}
                />
              </svg>
              <Marked>{name}</Marked>
            </span>
          ))}
          {gaps.length > 0 && (
            <span className={classes.key}>
              <span className={classes.gapKey} />
              gap in a source
            </span>
          )}
        </div>
      )}
    </div>
  )
}
