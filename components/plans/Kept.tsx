"use client"

import { Group, Text, UnstyledButton } from "@mantine/core"
import { IconChevronRight } from "@tabler/icons-react"
import { useId, useState } from "react"
import type { KeptWire } from "../../lib/sync/schema.ts"
import { Panel } from "../ui/Panel.tsx"
import classes from "./plans.module.css"
import { keyEnds } from "./shape.ts"

const words: Readonly<Record<string, string>> = {
  drift: "Drift: the provider changed; decide on the provider's page",
  conflict: "Conflict: registry and provider both changed",
  ignored: "Drift that is ignored for now",
  missing: "Gone at the provider",
  replaced: "Replaced at the provider by another object of the same name",
  not_ours: "Not ours",
  adopted: "Adopted: never deleted",
  protected: "Protected: never deleted",
  unmarked: "Without our mark: never deleted",
  in_use: "Still in use",
  unsupported: "Not possible on this provider",
  refused: "The provider would refuse it",
  waits: "Waits for something else",
  rotating: "A rotation is in flight",
  read_only: "This provider takes no changes",
  adjusted: "Held otherwise than it was asked for",
  untold: "Not told by the provider",
}
const order = [
  "conflict",
  "drift",
  "missing",
  "replaced",
  "refused",
  "unsupported",
  "adjusted",
  "untold",
  "rotating",
  "waits",
  "in_use",
  "read_only",
  "ignored",
  "adopted",
  "protected",
  "unmarked",
  "not_ours",
]

/** What was seen and left alone, with the reason. Nothing is hidden; what needs a decision comes first. */
export function Kept({
  kept,
  nameOf,
  several,
}: {
  kept: readonly KeptWire[]
  nameOf: (providerId: string) => string
  several: boolean
}) {
  if (kept.length === 0) return null
  const codes = [...Map.groupBy(kept, (k) => k.code)].sort(([a], [b]) => rank(a) - rank(b))
  return (
    <Panel
      flush
      title="Seen and left alone"
      actions={
        <Text size="xs" c="dimmed" className="num">
          {kept.length} in all
        </Text>
      }
    >
      {codes.map(([code, items]) => (
        <Reason
          key={code}
          code={code}
          items={items}
          nameOf={nameOf}
          several={several}
          startOpen={code !== "not_ours" && items.length <= 10}
        />
      ))}
    </Panel>
  )
}

const rank = (code: string): number => {
  const at = order.indexOf(code)
  return at === -1 ? order.length : at
}

function Reason({
  code,
  items,
  nameOf,
  several,
  startOpen,
}: {
  code: string
  items: readonly KeptWire[]
  nameOf: (id: string) => string
  several: boolean
  startOpen: boolean
}) {
  const [open, setOpen] = useState(startOpen)
  const id = useId()
  return (
    <div>
      <UnstyledButton className={classes.row} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} className={classes.chevron} aria-hidden />
        <span className={classes.what}>{words[code] ?? code}</span>
        <Text span size="xs" c="dimmed" className="num">
          {items.length}
        </Text>
      </UnstyledButton>
      <ul id={id} hidden={!open} className={classes.kept}>
        {open &&
          items.map((k) => (
            <li key={`${k.provider_id} ${k.kind} ${k.key} ${k.why}`}>
              <Group gap={6} wrap="wrap">
                <span className={classes.kind}>{k.kind}</span>
                <span>{label(k)}</span>
                {several && <span className={classes.kind}>on {nameOf(k.provider_id)}</span>}
              </Group>
              <Text size="xs" c="dimmed">
                {k.why}
              </Text>
            </li>
          ))}
      </ul>
    </div>
  )
}

function label(item: KeptWire): string {
  const { client, audience } = keyEnds(item.kind, item.key)
  return item.kind === "grant" ? `${client} on ${audience}` : item.key
}
