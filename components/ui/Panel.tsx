import { Group, Title } from "@mantine/core"
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
        <Group justify="space-between" className={classes.head}>
          <Title order={2} fz="sm">
            {title}
          </Title>
          {actions}
        </Group>
      )}
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  )
}
