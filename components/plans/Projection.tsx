import { Text } from "@mantine/core"
import type { ReportWire } from "../../lib/sync/schema.ts"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import classes from "./plans.module.css"
import { keyEnds } from "./shape.ts"

/** How each provider holds the grants that are wanted there: exactly, with more than that, or not at all, and why. */
export function Projection({
  reports,
  nameOf,
}: {
  reports: readonly ReportWire[]
  nameOf: (providerId: string) => string
}) {
  const told = reports.filter((r) => r.exact + r.widened + r.unsupported > 0)
  if (told.length === 0) return null
  return (
    <Panel flush title="How the grants are held">
      <ul className={classes.reports} aria-label="Projection of the grants">
        {told.map((r) => (
          <li key={r.provider_id}>
            <Text size="sm" component="div" className={classes.report}>
              <b>{nameOf(r.provider_id)}</b>
              {r.exact > 0 && <StatusBadge tone="pass">{`${r.exact} exact`}</StatusBadge>}
              {r.widened > 0 && <StatusBadge tone="warn">{`${r.widened} widened`}</StatusBadge>}
              {r.unsupported > 0 && <StatusBadge tone="fail">{`${r.unsupported} unsupported`}</StatusBadge>}
            </Text>
            {r.items.length > 0 && <Items report={r} />}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

const shownMax = 100

/** What is not held exactly, one sentence each; the same sentence stands once for all that share it. */
function Items({ report }: { report: ReportWire }) {
  const groups = [...Map.groupBy(report.items, (item) => `${item.is}: ${item.why}`)]
  return (
    <ul className={classes.listed}>
      {groups.slice(0, shownMax).map(([sentence, items]) => (
        <li key={sentence}>
          <b>{items[0]?.is}</b>: {items[0]?.why}
          <br />
          <span className={classes.kind}>
            {items
              .slice(0, shownMax)
              .map(({ key }) => keyEnds("grant", key))
              .map(({ client, audience }) => `${client} on ${audience}`)
              .join(", ")}
            {items.length > shownMax && ` and ${items.length - shownMax} more`}
          </span>
        </li>
      ))}
    </ul>
  )
}
