import { stretches } from "./marks.ts"
import classes from "./Marked.module.css"

/** Text from outside: control, bidi and invisible characters stand as marks, and its direction does not spill over. */
export function Marked({ children }: { children: string }) {
  const parts = stretches(children)
  if (parts.every((p) => !p.mark)) return <bdi>{children}</bdi>
  return (
    <bdi>
      {parts.map((p, i) =>
        p.mark ? (
          <span key={i} className={classes.mark} title={`The character ${p.text}, which would not be seen`}>
            {p.text}
          </span>
        ) : (
          p.text
        ),
      )}
    </bdi>
  )
}
