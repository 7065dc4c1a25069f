import type { Check } from "../../lib/connectors/port.ts"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"
import classes from "./providers.module.css"

const tones: Readonly<Record<Check["is"], readonly [Tone, string]>> = {
  pass: ["pass", "pass"],
  fail: ["fail", "fail"],
  warn: ["warn", "warning"],
  skip: ["unknown", "not checked"],
}

/** What a connection test found, check by check, in the order in which they ran. */
export function Checks({ checks }: { checks: readonly Check[] }) {
  return (
    <ul className={classes.checks} aria-label="Checks">
      {checks.map((c) => (
        <li key={c.name}>
          <StatusBadge tone={tones[c.is][0]}>{tones[c.is][1]}</StatusBadge>
          <span className={classes.name}>{c.name}</span>
          <span className={classes.why}>{c.why}</span>
        </li>
      ))}
    </ul>
  )
}
