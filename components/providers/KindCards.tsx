import { Text } from "@mantine/core"
import Link from "next/link"
import type { KindSheet } from "../../lib/connectors/sheet.ts"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import classes from "./providers.module.css"
import { inSentence, isGeneric, portTitles } from "./words.ts"

/** One card a kind: what it can, what it cannot, what it was tried against. */
export function KindCards({ sheets }: { sheets: readonly KindSheet[] }) {
  return (
    <ul className={classes.kinds} aria-label="Kinds of providers">
      {[...sheets].sort(byTitle).map((s) => (
        <li key={s.kind} className={classes.kind}>
          <Link href={`/providers/new?kind=${s.kind}`} className={classes.kindLink}>
            Connect {inSentence(s.title)}
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

/** By name; what fits any server comes after those that are meant by name. */
const byTitle = (a: KindSheet, b: KindSheet): number =>
  Number(isGeneric(a.title)) - Number(isGeneric(b.title)) || a.title.localeCompare(b.title, "en")
