"use client"

import { Anchor } from "@mantine/core"
import Link from "next/link"
import { useRef, useState, type KeyboardEvent } from "react"
import type { AccessPage } from "../../lib/access/queries.ts"
import { Clipped } from "../ui/Clipped.tsx"
import classes from "./Access.module.css"
import { audienceWord, wordOf } from "./words.ts"

/** Columns that a screen still shows usefully; the busiest are kept. */
const columnsMax = 60

interface Props {
  readonly page: AccessPage
  readonly complete: boolean
  readonly open: (client: string, audience: string) => void
}

/** Clients down, audiences across, each crossing with its state. One stop of the tab key; arrows, Home and End move inside. */
export function AccessMatrix({ page, complete, open }: Props) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [wanted, setAt] = useState({ row: 0, column: 0 })
  const all = columnsOf(page)
  const columns = all.slice(0, columnsMax).sort()
  const within = (row: number, column: number) => ({
    row: Math.min(page.items.length - 1, Math.max(0, row)),
    column: Math.min(columns.length - 1, Math.max(0, column)),
  })
  // A filter may have taken the row or column away: the stop of the tab key is then the nearest cell that is there.
  const at = within(wanted.row, wanted.column)
  const go = (row: number, column: number) => {
    const next = within(row, column)
    setAt(next)
    body.current
      ?.querySelector<HTMLElement>(`tr:nth-child(${next.row + 1}) td:nth-of-type(${next.column + 1})`)
      ?.focus()
  }
  const onKey = (event: KeyboardEvent, row: number, column: number, act: () => void) => {
    const to: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(row + 1, column),
      ArrowUp: () => go(row - 1, column),
      ArrowRight: () => go(row, column + 1),
      ArrowLeft: () => go(row, column - 1),
      Home: () => go(event.ctrlKey ? 0 : row, 0),
      End: () => go(event.ctrlKey ? page.items.length - 1 : row, columns.length - 1),
      Enter: act,
      " ": act,
    }
    const run = to[event.key]
    if (run) {
      event.preventDefault()
      run()
    }
  }
  return (
    <>
      {all.length > columnsMax && (
        <p className={classes.note}>
          The {columnsMax} audiences that most of these clients meet. {all.length - columnsMax} more are left out:
          filter by audience or client to see them.
        </p>
      )}
      <div className={classes.scroll} tabIndex={-1}>
        <table
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- arrow keys walk it: WAI-ARIA APG, Grid Pattern
          role="grid"
          aria-label="Clients and audiences: granted against observed"
          aria-rowcount={page.next === null && page.items.length === page.clients ? page.clients + 1 : -1}
          aria-colcount={all.length + 1}
          className={classes.matrix}
        >
          <thead>
            <tr>
              <th scope="col">Client</th>
              {columns.map((a) => (
                <th key={a} scope="col" className={classes.column}>
                  <span title={a}>{audienceWord(page.audiences, a)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {page.items.map((r, row) => {
              const pairs = new Map(r.pairs.map((p) => [p.audience, p]))
              return (
                <tr key={r.client}>
                  <th scope="row">
                    {r.client_id ? (
                      <Anchor component={Link} href={`/clients/${r.client_id}`} fz="inherit">
                        {r.client}
                      </Anchor>
                    ) : (
                      <span title="No client of this name is registered">
                        <Clipped>{r.client}</Clipped>
                      </span>
                    )}
                    {r.client_id === null && <span className={classes.stranger}>not registered</span>}
                  </th>
                  {columns.map((a, column) => {
                    const pair = pairs.get(a)
                    const word = pair && wordOf(pair.state, complete)
                    const act = () => pair && open(r.client, a)
                    const name = audienceWord(page.audiences, a)
                    return (
                      <td
                        key={a}
                        tabIndex={at.row === row && at.column === column ? 0 : -1}
                        data-tone={word?.tone}
                        aria-label={`${r.client}, ${name}: ${word?.name ?? "neither granted nor seen"}${pair?.grant ? `, ${pair.grant.scopes.join(" ")}` : ""}`}
                        title={
                          word ? `${word.name}${pair?.grant ? `: ${pair.grant.scopes.join(" ")}` : ""}` : undefined
                        }
                        onFocus={() => setAt({ row, column })}
                        onKeyDown={(event) => onKey(event, row, column, act)}
                        onClick={act}
                      >
                        {word && <span aria-hidden>{word.mark}</span>}
                      </td>
                    )
                  })}
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </>
  )
}

/** Most shared first. */
function columnsOf(page: AccessPage): string[] {
  const count = new Map<string, number>()
  for (const row of page.items)
    for (const { audience } of row.pairs) count.set(audience, (count.get(audience) ?? 0) + 1)
  return [...count].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name)
}
