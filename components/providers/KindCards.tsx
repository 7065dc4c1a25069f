import { Text } from "@mantine/core"
import Link from "next/link"
import type { KindSheet } from "../../lib/connectors/sheet.ts"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import classes from "./providers.module.css"
import { portTitles } from "./words.ts"

/** One card a kind: what it can, what it cannot, what it was tried against. */
export function KindCards({ sheets }: { sheets: readonly KindSheet[] }) {
  return (
    <ul className={classes.kinds} aria-label="Kinds of providers">
      {sheets.map((s) => (
        <li key={s.kind} className={classes.kind}>
          <Link href={`/providers/new?kind=${s.kind}`} className={classes.kindLink}>
            Connect {s.title}
          </Link>
          <Text size="xs" c="dimmed">
            {s.versions}
          </Text>
          <ul className={classes.can}>
            {s.ports.map((p) => (
              <li key={p.name}>
                <StatusBadge tone={p.can ? "pass" : "unknown"}>{p.can ? "yes" : "no"}</StatusBadge>
                <span>{portTitles[p.name]}</span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  )
}
