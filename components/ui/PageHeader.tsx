"use client"

import Link from "next/link"
import type { ReactNode } from "react"
import classes from "./PageHeader.module.css"

/** The top of a page: where we are, its one heading, what can be done. */
export function PageHeader({
  title,
  description,
  back,
  badge,
  actions,
}: {
  title: ReactNode
  description?: ReactNode
  back?: { href: string; label: string }
  badge?: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className={classes.header}>
      {back && (
        <Link href={back.href} className={classes.back}>
          ← {back.label}
        </Link>
      )}
      <div className={classes.line}>
        <div className={classes.words}>
          <div className={classes.title}>
            <h1>{title}</h1>
            {badge}
          </div>
          {description && <div className={classes.description}>{description}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
    </header>
  )
}
