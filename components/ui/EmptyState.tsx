import type { ReactNode } from "react"
import classes from "./EmptyState.module.css"

/** What will stand here, why it matters, and one button. `order` 1 where it is the whole page. */
export function EmptyState({
  title,
  children,
  action,
  order = 2,
}: {
  title: string
  children: ReactNode
  action?: ReactNode
  order?: 1 | 2
}) {
  const Heading = order === 1 ? "h1" : "h2"
  return (
    <div className={classes.empty}>
      <Heading>{title}</Heading>
      <div className={classes.words}>{children}</div>
      {action}
    </div>
  )
}
