import { Text } from "@mantine/core"
import type { PortSheet } from "../../lib/connectors/sheet.ts"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import classes from "./providers.module.css"
import { portTitles } from "./words.ts"

/** Ports, or the reason why there is none, with where that is written. */
export function Ports({ ports, brief = false }: { ports: readonly PortSheet[]; brief?: boolean }) {
  return (
    <ul className={classes.items}>
      {ports.map((p) => (
        <li key={p.name} className={classes.item}>
          <Text fw={500} size="sm" mb={4} component="div">
            <StatusBadge tone={p.can ? "pass" : "unknown"}>{p.can ? "yes" : "no"}</StatusBadge> {portTitles[p.name]}
          </Text>
          <Text size="sm">{p.why}</Text>
          {p.source && (
            <Text size="xs" c="dimmed">
              Source: {p.source}
            </Text>
          )}
          {!brief && p.facts.length > 0 && (
            <ul className={classes.facts}>
              {p.facts.map((fact) => (
                <li key={fact}>{fact}</li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  )
}
