import type { ReactNode } from "react"
import classes from "./Panel.module.css"

/** A bordered part of a page with a heading of its own. */
export function Panel({
  title,
  actions,
  children,
  flush = false,
}: {
  title?: ReactNode
  actions?: ReactNode
  children: ReactNode
  flush?: boolean
}) {
  return (
    <section className={classes.panel}>
      {title && (
        <div className={classes.head}>
          <h2>{title}</h2>
          {actions}
        </div>
      )}
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  )
}
