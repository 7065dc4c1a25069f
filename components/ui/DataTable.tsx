"use client"

import { Button, Group, Skeleton, Text, UnstyledButton } from "@mantine/core"
import { IconChevronDown, IconChevronUp, IconSelector } from "@tabler/icons-react"
import { useRouter } from "next/navigation"
import { useRef, type KeyboardEvent, type ReactNode } from "react"
import classes from "./DataTable.module.css"
import { ErrorPanel } from "./ErrorPanel.tsx"
import { useKeys } from "./keys.ts"
import { Table } from "./Table.tsx"

export interface Column<T> {
  readonly key: string
  readonly header: string
  readonly cell: (row: T) => ReactNode
  /** The word that `sort` has for this column; without one it cannot be sorted by. */
  readonly sort?: string
  readonly align?: "left" | "right"
  readonly width?: number | string
}

interface Props<T> {
  /** What the table lists, for a screen reader. */
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[] | undefined
  readonly rowKey: (row: T) => string
  /** Where `Enter` and a click on a row lead. */
  readonly href?: (row: T) => string
  readonly onOpen?: (row: T) => void
  /** `name` ascending, `-name` descending. */
  readonly sort?: string | null
  readonly onSort?: (sort: string) => void
  readonly error?: unknown
  readonly retry?: () => void
  readonly empty: ReactNode
  /** Exact number of all rows where known, else null. */
  readonly total?: number | null
  readonly more?: { readonly has: boolean; readonly load: () => void; readonly loading: boolean }
  readonly openKey?: string | null
}

/** A real table: server-side order and pages, `j`/`k` or arrows between rows, `Enter` to open. */
export function DataTable<T>({
  label,
  columns,
  rows,
  rowKey,
  href,
  onOpen,
  sort,
  onSort,
  error,
  retry,
  empty,
  total,
  more,
  openKey,
}: Props<T>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const router = useRouter()
  const opens = href !== undefined || onOpen !== undefined
  const open = (row: T) => {
    if (onOpen) onOpen(row)
    else if (href) router.push(href(row))
  }

  const move = (by: number) => {
    const all = [...(body.current?.querySelectorAll<HTMLTableRowElement>("tr[data-row]") ?? [])]
    const at = all.findIndex((r) => r === document.activeElement || r.contains(document.activeElement))
    all[Math.min(all.length - 1, Math.max(0, at === -1 ? (by > 0 ? 0 : all.length - 1) : at + by))]?.focus()
  }
  useKeys(opens ? { j: () => move(1), k: () => move(-1) } : {})
  const onRowKey = (event: KeyboardEvent, row: T) => {
    if (event.key === "ArrowDown") {
      event.preventDefault()
      move(1)
    }
    if (event.key === "ArrowUp") {
      event.preventDefault()
      move(-1)
    }
    if (event.key === "Enter" && event.target === event.currentTarget) open(row)
  }

  if (error && rows === undefined) return <ErrorPanel error={error} retry={retry} />
  if (rows !== undefined && rows.length === 0) return <>{empty}</>
  return (
    <>
      <div className={classes.scroll}>
        <Table
          className={classes.table}
          aria-label={label}
          aria-rowcount={total ?? (more?.has ? -1 : (rows?.length ?? -1))}
          aria-busy={rows === undefined}
          space={6}
        >
          <thead>
            <tr>
              {columns.map((c) => (
                <th
                  style={{ width: c.width }}
                  key={c.key}
                  scope="col"
                  data-align={c.align}
                  aria-sort={
                    c.sort && sort
                      ? sort === c.sort
                        ? "ascending"
                        : sort === `-${c.sort}`
                          ? "descending"
                          : "none"
                      : undefined
                  }
                >
                  {c.sort && onSort ? (
                    <SortButton header={c.header} name={c.sort} sort={sort ?? null} onSort={onSort} />
                  ) : (
                    c.header
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {rows === undefined
              ? Array.from({ length: 8 }, (_, i) => (
                  <tr key={i}>
                    {columns.map((c) => (
                      <td key={c.key}>
                        <Skeleton height={12} my={4} width={`${50 + ((i * 17 + c.key.length * 11) % 45)}%`} />
                      </td>
                    ))}
                  </tr>
                ))
              : rows.map((row, i) => (
                  <tr
                    key={rowKey(row)}
                    data-row
                    data-opens={opens || undefined}
                    data-open={openKey === rowKey(row) || undefined}
                    aria-rowindex={i + 2}
                    tabIndex={opens ? 0 : undefined}
                    onKeyDown={opens ? (e) => onRowKey(e, row) : undefined}
                    onClick={
                      opens
                        ? (e) => {
                            if (!(e.target instanceof Element && e.target.closest("a,button,input,label"))) open(row)
                          }
                        : undefined
                    }
                  >
                    {columns.map((c) => (
                      <td key={c.key} data-align={c.align}>
                        {c.cell(row)}
                      </td>
                    ))}
                  </tr>
                ))}
          </tbody>
        </Table>
      </div>
      {rows !== undefined && (
        <Group justify="space-between" px="sm" py={8} className={classes.foot}>
          <Text size="xs" c="dimmed" className="num">
            {count(rows.length, total ?? null, more?.has ?? false)}
          </Text>
          {more?.has && (
            <Button variant="default" onClick={more.load} loading={more.loading}>
              Show more
            </Button>
          )}
        </Group>
      )}
    </>
  )
}

function count(shown: number, total: number | null, more: boolean): string {
  const n = new Intl.NumberFormat("en")
  if (total !== null && total > shown) return `${n.format(shown)} of ${total > 10_000 ? "10,000+" : n.format(total)}`
  return more ? `${n.format(shown)} shown, more follow` : `${n.format(shown)} in all`
}

function SortButton({
  header,
  name,
  sort,
  onSort,
}: {
  header: string
  name: string
  sort: string | null
  onSort: (sort: string) => void
}) {
  const Icon = sort === name ? IconChevronUp : sort === `-${name}` ? IconChevronDown : IconSelector
  return (
    <UnstyledButton className={classes.sort} onClick={() => onSort(sort === name ? `-${name}` : name)}>
      {header}
      <Icon size={13} aria-hidden />
    </UnstyledButton>
  )
}
