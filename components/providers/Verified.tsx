import { Text } from "@mantine/core"
import type { KindSheet } from "../../lib/connectors/sheet.ts"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import classes from "./providers.module.css"
import { againstWords } from "./words.ts"

/** Which versions are supported, and what this kind was tried against, and when. */
export function Verified({ of: sheet }: { of: Pick<KindSheet, "versions" | "verified"> }) {
  return (
    <Panel flush title="Versions, and what was tried">
      <Text size="sm" className={classes.item}>
        {sheet.versions}
      </Text>
      <ul className={`${classes.items} ${classes.after}`}>
        {sheet.verified.map((v) => (
          <li key={`${v.against} ${v.what}`} className={classes.item}>
            <Text size="sm" component="div">
              <StatusBadge tone={v.against === "real server" ? "pass" : "quiet"}>{againstWords[v.against]}</StatusBadge>{" "}
              {v.what}
            </Text>
            <Text size="xs" c="dimmed">
              Last tried on <time dateTime={v.on}>{v.on}</time>
            </Text>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
