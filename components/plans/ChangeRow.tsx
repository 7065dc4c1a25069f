"use client"

import { UnstyledButton } from "@mantine/core"
import { IconChevronRight } from "@tabler/icons-react"
import { useId, useState } from "react"
import type { ChangeWire } from "../../lib/sync/schema.ts"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { FieldDiffTable } from "./FieldDiff.tsx"
import classes from "./plans.module.css"
import { ItemStatus } from "./PlanStatus.tsx"
import { fieldDiffs, itemError, keyEnds, projectionOf, type ItemError, type ProjectionView } from "./shape.ts"

/** One change: what, and what becomes of it; opens to its fields, its projection and its outcome. */
export function ChangeRow({ change, begun, startOpen }: { change: ChangeWire; begun: boolean; startOpen: boolean }) {
  const [asked, setOpen] = useState<boolean | null>(null)
  const failed = change.error !== null
  const open = asked ?? (startOpen || failed)
  const id = useId()
  const projection = projectionOf(change)
  const error = itemError(change.error)
  return (
    <li className={classes.change} data-verb={change.verb}>
      <UnstyledButton className={classes.row} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} className={classes.chevron} aria-hidden />
        <span className={classes.verb} data-verb={change.verb}>
          {change.verb}
        </span>
        <span className={classes.what}>
          <What change={change} />
        </span>
        {projection && projection.is !== "exact" && (
          <StatusBadge tone={projection.is === "widened" ? "warn" : "fail"}>{projection.is}</StatusBadge>
        )}
        {begun && <ItemStatus status={change.status} />}
      </UnstyledButton>
      <div id={id} hidden={!open} className={classes.detail}>
        {open && <Detail change={change} projection={projection} error={error} />}
      </div>
    </li>
  )
}

function What({ change }: { change: ChangeWire }) {
  const { client, audience } = keyEnds(change.kind, change.key)
  return (
    <>
      <span className={classes.kind}>{change.kind === "grant" ? "grant on" : change.kind}</span>{" "}
      {change.kind === "client" ? client : audience}
    </>
  )
}

function Detail({
  change,
  projection,
  error,
}: {
  change: ChangeWire
  projection: ProjectionView | null
  error: ItemError | null
}) {
  const fields = fieldDiffs(change.fields)
  const method = fields.find((f) => f.field === "auth_method")?.to
  return (
    <>
      {change.verb === "delete" && <p className={classes.projection}>It is removed at the provider.</p>}
      <FieldDiffTable
        fields={fields}
        create={change.verb === "create"}
        newWord={change.verb === "delete" ? "After" : "Then"}
      />
      {change.verb === "create" &&
        change.kind === "client" &&
        typeof method === "string" &&
        method.startsWith("client_secret") && (
          <p className={classes.projection}>
            secret: sensitive, {change.status === "done" ? "was made" : "will be made"} by the apply (version 1). It is
            never part of a plan; it is sealed, checked with a real token, and can be revealed once.
          </p>
        )}
      {projection && (
        <p className={`${classes.projection} ${projection.is === "exact" ? "" : classes.widened}`}>
          <b>{projection.is}:</b> {projection.why}
        </p>
      )}
      {error && <Trouble error={error} status={change.status} />}
      {change.finished_at && (
        <p className={classes.projection}>
          <span className={classes.kind}>
            Ended <TimeText at={change.finished_at} short={false} />
            {change.attempt > 1 ? `, after ${change.attempt} attempts` : ""}
          </span>
        </p>
      )}
    </>
  )
}

function Trouble({ error, status }: { error: ItemError; status: string }) {
  const facts = [
    error.code,
    error.httpStatus && `HTTP ${error.httpStatus}`,
    error.providerCode && `provider code ${error.providerCode}`,
    error.requestId && `provider request ${error.requestId}`,
  ]
    .filter(Boolean)
    .join(" · ")
  return (
    <div className={classes.error} data-tone={status === "failed" ? undefined : "warn"}>
      {error.message}
      <div>
        <code>{facts}</code>
      </div>
      {error.excerpt && (
        <>
          <div className={classes.kind}>The provider says:</div>
          <blockquote className={classes.quote}>{error.excerpt}</blockquote>
        </>
      )}
    </div>
  )
}
