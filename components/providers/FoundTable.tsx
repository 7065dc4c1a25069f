import { Checkbox, Code, Text } from "@mantine/core"
import type { FoundWire } from "../../lib/sync/import.ts"
import { Table } from "../ui/Table.tsx"
import { idOfFound } from "./brings.ts"
import classes from "./providers.module.css"

/** Clients and APIs that are not managed yet, each with the grants that hang on it. */
export function FoundTable({
  rows,
  picked,
  all,
  of,
  writes,
  toggle,
  toggleAll,
}: {
  rows: readonly FoundWire[]
  picked: ReadonlySet<string>
  /** Every one that fits the filter is picked. */
  all: boolean
  /** How many fit the filter. */
  of: number
  writes: boolean
  toggle: (f: FoundWire, on: boolean) => void
  toggleAll: (on: boolean) => void
}) {
  return (
    <div className={classes.found} tabIndex={0} role="region" aria-label="Found objects">
      <Table aria-label="Found on the provider" space={5}>
        <thead>
          <tr>
            <th style={{ width: 40 }}>
              <Checkbox
                aria-label={`Choose all ${of}`}
                size="xs"
                checked={all}
                indeterminate={!all && picked.size > 0}
                onChange={(e) => toggleAll(e.currentTarget.checked)}
                disabled={!writes}
              />
            </th>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col">Grants</th>
            <th scope="col">Id at the provider</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((f) => (
            <tr key={idOfFound(f)}>
              <td>
                <Checkbox
                  size="xs"
                  aria-label={`Choose ${f.kind} ${f.key}`}
                  checked={picked.has(idOfFound(f))}
                  onChange={(e) => toggle(f, e.currentTarget.checked)}
                  disabled={!writes}
                />
              </td>
              <td style={{ overflowWrap: "anywhere" }}>{f.key}</td>
              <td>{f.kind === "audience" ? "API" : f.kind}</td>
              <td>
                {f.grants.length === 0 ? (
                  <Text span c="dimmed" fz="inherit">
                    none
                  </Text>
                ) : (
                  f.grants.map((g) => (
                    <div key={`${g.client} ${g.audience}`}>
                      {f.kind === "client" ? g.audience : g.client}:{" "}
                      <Code fz={11}>{g.scopes.join(" ") || "no scopes"}</Code>
                    </div>
                  ))
                )}
              </td>
              <td>
                {f.remote_id === null ? (
                  <Text span c="dimmed" fz="inherit">
                    none: a proposal, only grants name it
                  </Text>
                ) : (
                  <Code fz={11}>{f.remote_id}</Code>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}
