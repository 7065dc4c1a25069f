"use client"

import { useElementSize } from "@mantine/hooks"
import { useMemo } from "react"
import type { AccessPage } from "../../lib/access/queries.ts"
import { stretches } from "../ui/marks.ts"
import classes from "./Access.module.css"
import { edgesMax, layoutOf } from "./layout.ts"
import { audienceWord, wordOf } from "./words.ts"

interface Props {
  readonly page: AccessPage
  readonly complete: boolean
  readonly open: (client: string, audience: string) => void
  readonly choose: (side: "client" | "audience", name: string) => void
}

const side = 230

/** Who calls whom as lines. The table below the picture says the same in words. */
export function AccessGraph({ page, complete, open, choose }: Props) {
  const { ref, width } = useElementSize()
  const rows = useMemo(() => capped(page), [page])
  const layout = useMemo(() => layoutOf(rows), [rows])
  const wide = Math.max(560, width)
  const label = (name: string) => shortened(audienceWord(page.audiences, name))
  const shown = layout.edges.length
  const all = page.items.reduce((n, r) => n + r.pairs.length, 0)
  return (
    <div ref={ref}>
      {(shown < all || page.next !== null) && (
        <p className={classes.note}>
          The first {layout.clients.length} clients by name of {page.clients} are drawn, with {shown} lines. Choose a
          client or an audience to see all around it.
        </p>
      )}
      <div className={classes.scroll}>
        <svg
          width={wide}
          height={layout.height + 8}
          role="group"
          aria-label={`${layout.clients.length} clients, ${layout.audiences.length} audiences, ${shown} lines between them. The matrix says the same in words.`}
          className={classes.graph}
        >
          {layout.edges.map((e) => {
            const word = wordOf(e.state, complete)
            const [x1, x2] = [side, wide - side]
            const middle = (x1 + x2) / 2
            return (
              <g key={`${e.client} ${e.audience}`} data-state={e.state} className={classes.edge}>
                <path d={`M ${x1} ${e.from} C ${middle} ${e.from}, ${middle} ${e.to}, ${x2} ${e.to}`} />
                <path
                  className={classes.hit}
                  d={`M ${x1} ${e.from} C ${middle} ${e.from}, ${middle} ${e.to}, ${x2} ${e.to}`}
                  onClick={() => open(e.client, e.audience)}
                >
                  <title>{`${e.client} → ${e.audience}: ${word.name}`}</title>
                </path>
              </g>
            )
          })}
          {(["client", "audience"] as const).flatMap((which) =>
            (which === "client" ? layout.clients : layout.audiences).map((n) => (
              <g
                key={`${which} ${n.name}`}
                role="button"
                tabIndex={0}
                aria-label={`${which === "client" ? "Client" : "Audience"} ${spoken(label(n.name), n.name)}: ${sentence(layout.edges, which, n.name, complete)}`}
                className={classes.node}
                onClick={() => choose(which, n.name)}
                onKeyDown={(event) => {
                  if (event.key === "Enter" || event.key === " ") {
                    event.preventDefault()
                    choose(which, n.name)
                  }
                }}
              >
                <rect x={which === "client" ? 4 : wide - side + 4} y={n.y - 12} width={side - 8} height={24} rx={4} />
                <text
                  x={which === "client" ? side - 12 : wide - side + 12}
                  y={n.y + 4}
                  textAnchor={which === "client" ? "end" : "start"}
                >
                  {label(n.name)}
                  <title>{n.name}</title>
                </text>
              </g>
            )),
          )}
        </svg>
      </div>
    </div>
  )
}

/** One line of an SVG has no ellipsis of its own; both ends stay. Characters that act stand as their code. */
function shortened(name: string): string {
  const plain = stretches(name)
    .map((s) => s.text)
    .join("")
  return plain.length <= 30 ? plain : `${plain.slice(0, 18)}…${plain.slice(-11)}`
}

/** What stands there for the eye is part of what is said (WCAG 2.5.3), and so is the whole name. */
const spoken = (seen: string, name: string): string => (seen === name ? name : `${seen}, ${name}`)

function sentence(
  edges: ReturnType<typeof layoutOf>["edges"],
  which: "client" | "audience",
  name: string,
  complete: boolean,
): string {
  const own = edges.filter((e) => e[which] === name)
  const other = which === "client" ? "audience" : "client"
  return own.map((e) => `${e[other]} ${wordOf(e.state, complete).name.toLowerCase()}`).join("; ")
}

/** Whole clients, as many as stay readable; at least one. */
function capped(page: AccessPage): AccessPage["items"] {
  let lines = 0
  const end = page.items.findIndex((row) => (lines += row.pairs.length) > edgesMax)
  return end === -1 ? page.items : page.items.slice(0, Math.max(1, end))
}
