"use client"

import { Code, Group, Stack, Text } from "@mantine/core"
import { useState } from "react"
import type { TrailView } from "../../lib/trail/queries.ts"
import { DataTable } from "../ui/DataTable.tsx"
import { Drawer } from "../ui/Drawer.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { Facts } from "../ui/Facts.tsx"
import { NoMatch } from "../ui/NoMatch.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Table } from "../ui/Table.tsx"
import { Absent, TimeText } from "../ui/TimeText.tsx"
import { usePages } from "../ui/usePages.ts"
import { fieldDiff } from "./diff.ts"
import classes from "./TrailList.module.css"

export interface TrailFilterValues {
  readonly target_kind?: string | null
  readonly target_id?: string | null
  readonly action?: string | null
  readonly actor?: string | null
  readonly from?: string | null
  readonly to?: string | null
}

/** Admin audit entries, newest first; a row opens with its before and after. */
export function TrailList({ filter, clear }: { filter: TrailFilterValues; clear?: () => void }) {
  const list = usePages<TrailView>("/trail", { ...filter })
  const [open, setOpen] = useState<TrailView | null>(null)
  return (
    <Panel flush>
      <DataTable
        label="Admin audit entries"
        rows={list.rows}
        rowKey={(e) => e.id}
        onOpen={setOpen}
        openKey={open?.id ?? null}
        error={list.error}
        retry={list.retry}
        more={list.more}
        columns={[
          { key: "at", header: "Time", cell: (e) => <TimeText at={e.at} /> },
          {
            key: "actor",
            header: "Who",
            cell: (e) => (
              <>
                {e.actor_name}
                {e.actor_kind !== "user" && (
                  <Text span size="xs" c="dimmed">
                    {" "}
                    {e.actor_kind}
                  </Text>
                )}
              </>
            ),
          },
          { key: "action", header: "What", cell: (e) => <Code fz={12}>{e.action}</Code> },
          {
            key: "target",
            header: "On",
            cell: (e) => (
              <>
                {e.target_name}{" "}
                <Text span size="xs" c="dimmed">
                  {e.target_kind.replaceAll("_", " ")}
                </Text>
              </>
            ),
          },
          { key: "change", header: "Change", cell: (e) => <Summary entry={e} /> },
        ]}
        empty={
          clear ? (
            <NoMatch what="entries" clear={clear} />
          ) : (
            <EmptyState title="No entry yet">
              Every change made in Grantry stands here with who, when, before and after.
            </EmptyState>
          )
        }
      />
      <Drawer opened={open !== null} onClose={() => setOpen(null)} title={open ? <>Entry {open.seq}</> : ""}>
        {open && <Entry entry={open} />}
      </Drawer>
    </Panel>
  )
}

function Summary({ entry }: { entry: TrailView }) {
  const diff = fieldDiff(entry.before, entry.after)
  if (diff.length === 0) return <Absent why="no field changed" />
  const first = diff[0]
  if (diff.length === 1 && first)
    return (
      <Text fz="inherit" lineClamp={1}>
        {first.path}: {first.before ?? "–"} → {first.after ?? "–"}
      </Text>
    )
  return (
    <Text fz="inherit" c="dimmed" lineClamp={1}>
      {diff
        .slice(0, 3)
        .map((d) => d.path)
        .join(", ")}
      {diff.length > 3 && ` and ${diff.length - 3} more`}
    </Text>
  )
}

function Entry({ entry }: { entry: TrailView }) {
  const diff = fieldDiff(entry.before, entry.after)
  return (
    <Stack gap="md">
      <Facts
        items={[
          ["Time", <TimeText key="t" at={entry.at} short={false} />],
          ["Who", `${entry.actor_name} (${entry.actor_kind})`],
          ["What", <Code key="w">{entry.action}</Code>],
          ["On", `${entry.target_name} (${entry.target_kind.replaceAll("_", " ")})`],
          ["Reason", entry.reason ?? <Absent key="r" why="none given" />],
          [
            "Request",
            entry.request_id ? <code key="q">{entry.request_id}</code> : <Absent key="q" why="not a request" />,
          ],
          [
            "Hash",
            <code key="h" style={{ overflowWrap: "anywhere" }}>
              {entry.hash}
            </code>,
          ],
        ]}
      />
      {diff.length > 0 && (
        <Table aria-label="Before and after" className={classes.diff}>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {diff.map((d) => (
              <tr key={d.path}>
                <th scope="row">
                  <code>{d.path}</code>
                </th>
                <td>
                  {d.before === null ? (
                    <Absent why="not there before" />
                  ) : (
                    <Group gap={4} wrap="nowrap" className={classes.old}>
                      <span aria-hidden>−</span>
                      <del>{d.before}</del>
                    </Group>
                  )}
                </td>
                <td>
                  {d.after === null ? (
                    <Absent why="gone" />
                  ) : (
                    <Group gap={4} wrap="nowrap" className={classes.new}>
                      <span aria-hidden>+</span>
                      <ins>{d.after}</ins>
                    </Group>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Stack>
  )
}
