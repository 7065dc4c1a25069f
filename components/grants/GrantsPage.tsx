"use client"

import { SegmentedControl } from "@mantine/core"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { useMay } from "../shell/viewer.tsx"
import { AccessView } from "./AccessView.tsx"
import { GrantList } from "./GrantList.tsx"

const views = ["table", "matrix", "graph"] as const
const names = { table: "Table", matrix: "Matrix", graph: "Graph" } as const

/** Who may call whom: the grants as a table, or against what was seen as a matrix or a graph (that needs `events:read`). */
export function GrantsPage() {
  const [view, set] = useQueryState(
    "view",
    parseAsStringLiteral(views).withDefault("table").withOptions({ history: "push" }),
  )
  const sees = useMay("events:read")
  const choice = sees && (
    <SegmentedControl
      size="xs"
      aria-label="View"
      data={views.map((v) => ({ value: v, label: names[v] }))}
      value={view}
      onChange={(v) => void set(views.find((x) => x === v) ?? null)}
    />
  )
  return view === "table" || !sees ? <GrantList views={choice} /> : <AccessView view={view} views={choice} />
}
