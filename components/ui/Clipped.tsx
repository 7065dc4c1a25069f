import classes from "./Clipped.module.css"
import { Marked } from "./Marked.tsx"

const tail = 8

/** One line of text from outside; where it is too long it is cut in the middle and keeps both ends. The full text is its title. */
export function Clipped({ children }: { children: string }) {
  if (children.length <= tail * 2)
    return (
      <span className={classes.short} title={children}>
        <Marked>{children}</Marked>
      </span>
    )
  return (
    <span className={classes.clipped} title={children}>
      <span className={classes.start}>
        <Marked>{children.slice(0, -tail)}</Marked>
      </span>
      <span className={classes.end}>
        <Marked>{children.slice(-tail)}</Marked>
      </span>
    </span>
  )
}
