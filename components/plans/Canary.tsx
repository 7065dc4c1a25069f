import { Text } from "@mantine/core"
import type { OutcomeWire } from "../../lib/sync/schema.ts"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"
import classes from "./plans.module.css"

const tones: Readonly<Record<OutcomeWire["is"], readonly [Tone, string]>> = {
  waiting: ["info", "being fetched"],
  pass: ["pass", "as planned"],
  mismatch: ["fail", "not as planned"],
  not_tried: ["unknown", "not tried"],
}
const order: readonly OutcomeWire["is"][] = ["mismatch", "waiting", "pass", "not_tried"]

/** What a token showed that was fetched with the new state, one sentence a client. */
export function Canary({
  outcome,
  nameOf,
}: {
  outcome: readonly OutcomeWire[]
  nameOf: (providerId: string) => string
}) {
  if (outcome.length === 0) return null
  const sorted = outcome.toSorted((a, b) => order.indexOf(a.is) - order.indexOf(b.is))
  return (
    <Panel flush title="Tokens after the apply">
      <ul className={classes.reports} aria-label="Tokens after the apply">
        {sorted.map((o) => (
          <li key={`${o.provider_id} ${o.client}`}>
            <Text size="sm" component="div" className={classes.report}>
              <StatusBadge tone={tones[o.is][0]}>{tones[o.is][1]}</StatusBadge>
              <b>{o.client}</b>
              <span className={classes.kind}>on {nameOf(o.provider_id)}</span>
            </Text>
            <Text size="sm">{o.why}</Text>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
