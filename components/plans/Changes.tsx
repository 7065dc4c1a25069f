"use client"

import { Button, Group, Text } from "@mantine/core"
import { useState } from "react"
import type { PlanWire } from "../../lib/sync/schema.ts"
import { Panel } from "../ui/Panel.tsx"
import { ChangeRow } from "./ChangeRow.tsx"
import classes from "./plans.module.css"
import { grouped, type ProviderGroup } from "./shape.ts"

/** Few changes are shown open; of many only what needs a look. */
const openBelow = 6
const groupsAtOnce = 60

/** All changes of a plan, by provider, then client. */
export function Changes({
  plan,
  begun,
  nameOf,
}: {
  plan: PlanWire
  begun: boolean
  nameOf: (providerId: string) => string
}) {
  return (
    <>
      {grouped(plan.changes).map((p) => (
        <ProviderChanges
          key={p.providerId}
          group={p}
          name={nameOf(p.providerId)}
          begun={begun}
          few={plan.changes.length < openBelow}
        />
      ))}
    </>
  )
}

function ProviderChanges({
  group,
  name,
  begun,
  few,
}: {
  group: ProviderGroup
  name: string
  begun: boolean
  few: boolean
}) {
  const [shown, setShown] = useState(groupsAtOnce)
  const left = group.groups.length - shown
  return (
    <Panel
      flush
      title={`Changes on ${name}`}
      actions={
        <Text size="xs" c="dimmed" className="num">
          {group.groups.reduce((n, g) => n + g.changes.length, 0)} in all
        </Text>
      }
    >
      {group.groups.slice(0, shown).map((g) => (
        <div key={g.client ?? ""}>
          <h3 className={classes.group}>{g.client ?? "Audiences"}</h3>
          <ul
            className={classes.changes}
            aria-label={g.client === null ? `Changes of audiences on ${name}` : `Changes of ${g.client} on ${name}`}
          >
            {g.changes.map((c) => (
              <ChangeRow key={c.id} change={c} begun={begun} startOpen={few || c.needs_confirmation} />
            ))}
          </ul>
        </div>
      ))}
      {left > 0 && (
        <Group justify="center" p="sm">
          <Button variant="default" onClick={() => setShown(shown + groupsAtOnce)}>
            Show {Math.min(left, groupsAtOnce)} more clients of {left}
          </Button>
        </Group>
      )}
    </Panel>
  )
}
