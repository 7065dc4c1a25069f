"use client"

import { Button, Skeleton, Text, UnstyledButton } from "@mantine/core"
import { IconCheck } from "@tabler/icons-react"
import { useState } from "react"
import type { Facets } from "../../lib/events/facets.ts"
import { Marked } from "../ui/Marked.tsx"
import classes from "./Audit.module.css"
import { filterFields, isFilterField, type FilterField, type Filters } from "./filter.ts"

const shortMax = 5
const n = new Intl.NumberFormat("en")

/** The values of each field within what is found, with their counts; a click filters by one, another takes it back. */
export function FacetList({
  facets,
  filters,
  toggle,
}: {
  facets: Facets | undefined
  filters: Filters
  toggle: (field: FilterField, value: string) => void
}) {
  if (!facets) return <Skeleton height={320} />
  return (
    <nav aria-label="Values" className={classes.facets}>
      {facets.facets.map((f) =>
        isFilterField(f.field) && (f.values.length > 0 || filters[f.field].length > 0) ? (
          <Facet key={f.field} field={f.field} values={f.values} chosen={filters[f.field]} toggle={toggle} />
        ) : null,
      )}
    </nav>
  )
}

function Facet({
  field,
  values,
  chosen,
  toggle,
}: {
  field: FilterField
  values: Facets["facets"][number]["values"]
  chosen: readonly string[]
  toggle: (field: FilterField, value: string) => void
}) {
  const [all, setAll] = useState(false)
  const rows: Facets["facets"][number]["values"] = [
    ...values,
    ...chosen.filter((c) => !values.some((v) => v.value === c)).map((value) => ({ value, count: 0 })),
  ]
  const most = Math.max(1, ...values.map((v) => v.count))
  return (
    <section className={classes.facet}>
      <Text component="h2" fz="xs" fw={600} mb={2}>
        {filterFields[field]}
      </Text>
      <ul>
        {(all ? rows : rows.slice(0, shortMax)).map((row) => {
          const label = row.label ?? row.value
          const on = chosen.includes(row.value)
          return (
            <li key={row.value}>
              <UnstyledButton
                className={classes.value}
                aria-pressed={on}
                onClick={() => toggle(field, row.value)}
                title={label}
              >
                <span className={classes.share} style={{ width: `${(row.count / most) * 100}%` }} aria-hidden />
                <span className={classes.word}>
                  {on && <IconCheck size={12} aria-hidden />}
                  <Marked>{label}</Marked>
                </span>
                <span className="num">{n.format(row.count)}</span>
              </UnstyledButton>
            </li>
          )
        })}
      </ul>
      {rows.length > shortMax && (
        <Button variant="subtle" color="gray" size="compact-xs" c="dimmed" onClick={() => setAll(!all)}>
          {all ? "Fewer" : `${rows.length - shortMax} more`}
        </Button>
      )}
    </section>
  )
}
