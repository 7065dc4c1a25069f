import { IconAlertTriangle, IconCheck, IconCircle, IconCircleDashed, IconLoader2, IconX } from "@tabler/icons-react"
import classes from "./StatusBadge.module.css"

export type Tone = "pass" | "fail" | "warn" | "info" | "quiet" | "unknown"

const shapes = {
  pass: IconCheck,
  fail: IconX,
  warn: IconAlertTriangle,
  info: IconLoader2,
  quiet: IconCircle,
  unknown: IconCircleDashed,
} as const

/** Colour, shape and word together: none of them alone. */
export function StatusBadge({ tone, children, title }: { tone: Tone; children: string; title?: string | undefined }) {
  const Shape = shapes[tone]
  return (
    <span className={classes.badge} data-tone={tone} title={title}>
      <Shape size={13} stroke={2.4} aria-hidden />
      {children}
    </span>
  )
}
