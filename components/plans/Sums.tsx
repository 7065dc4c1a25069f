import type { PlanSummary } from "../../lib/sync/schema.ts"
import { total } from "./shape.ts"
import classes from "./plans.module.css"

/** `−1 +3 ~12`: deletes first and red. The words are there for who cannot see the signs. */
export function Sums({ counts, large = false }: { counts: PlanSummary["counts"]; large?: boolean }) {
  if (total(counts) === 0) return <span className={classes.none}>no changes</span>
  const parts = [
    { n: counts.delete, sign: "−", word: "to delete", tone: "fail" },
    { n: counts.create, sign: "+", word: "to create", tone: "pass" },
    { n: counts.update, sign: "~", word: "to change", tone: "warn" },
    { n: counts.disable, sign: "⊘", word: "to disable", tone: "warn" },
  ].filter((p) => p.n > 0)
  return (
    <span
      className={classes.sums}
      data-large={large || undefined}
      role="img"
      aria-label={parts.map((p) => `${p.n} ${p.word}`).join(", ")}
    >
      {parts.map((p) => (
        <span key={p.sign} data-tone={p.tone} title={`${p.n} ${p.word}`}>
          {p.sign}
          {p.n}
        </span>
      ))}
    </span>
  )
}
