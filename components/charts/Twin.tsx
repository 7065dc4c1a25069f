"use client"

import Link from "next/link"
import { Marked } from "../ui/Marked.tsx"
import { Absent } from "../ui/TimeText.tsx"
import classes from "./ChartPanel.module.css"

/** A number with the rows behind it, a word, or nothing known: then with the reason. */
export type Cell =
  { readonly text: string; readonly href?: string; readonly bar?: number } | { readonly absent: string }
export interface TwinProps {
  readonly label: string
  readonly headers: readonly string[]
  /** The first cell of a row is its name. */
  readonly rows: readonly (readonly Cell[])[]
}

/** The table of a chart. Numbers lead to the rows that they count. */
export function Twin({ label, headers, rows }: TwinProps) {
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table}>
        <thead>
          <tr>
            {headers.map((h, i) => (
              <th key={h} scope="col" data-right={i > 0 || undefined}>
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, r) => (
            <tr key={r}>
              {cells.map((cell, i) => (
                <td key={headers[i]} data-right={i > 0 || undefined}>
                  <Shown cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Shown({ cell }: { cell: Cell }) {
  if ("absent" in cell) return <Absent why={cell.absent} />
  return cell.href === undefined ? (
    <Marked>{cell.text}</Marked>
  ) : (
    <Link href={cell.href} prefetch={false}>
      <Marked>{cell.text}</Marked>
    </Link>
  )
}
