"use client"

import { ActionIcon, Text } from "@mantine/core"
import { IconFilter } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { minuteMs } from "../../lib/base/time.ts"
import type { EventDetail } from "../../lib/events/search.ts"
import { Copy } from "../ui/Copy.tsx"
import { Marked } from "../ui/Marked.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { duration } from "../ui/time.ts"
import { TimeText } from "../ui/TimeText.tsx"
import { Tip } from "../ui/Tip.tsx"
import classes from "./Audit.module.css"
import { OwnCheck } from "./eventCells.tsx"
import type { FilterField } from "./filter.ts"
import { useSources } from "./useSources.ts"

const flagWords: Readonly<Record<string, string>> = {
  sanitised: "odd characters were made visible",
  truncated: "a field was cut to its longest length",
  duplicate_keys: "a name stood twice in the line; the last one counts",
  ahead: "its time is ahead of ours",
  late: "it came long after its own time",
  undated: "it carried no time; this is when it came",
  leap_second: "its time was a leap second",
  big_number: "a number was too big to keep exactly",
}

/** Every field that the event has, each with "filter for" where it can be searched by, and "copy". */
export function EventFields({
  item,
  filterFor,
}: {
  item: EventDetail
  filterFor: (field: FilterField, value: string) => void
}) {
  const sources = useSources(60_000)
  const sourceName = sources.data?.items.find((s) => s.id === item.source_id)?.name ?? item.source_id
  const apart = Math.abs(Date.parse(item.received_at) - Date.parse(item.timestamp)) > minuteMs
  const row = (name: string, value: string | null, field?: FilterField, shown?: ReactNode) =>
    value === null ? null : (
      <Field key={name} name={name} value={value} {...(field ? { filter: () => filterFor(field, value) } : {})}>
        {shown ?? <Marked>{value}</Marked>}
      </Field>
    )
  return (
    <dl className={classes.fields}>
      {apart && row("received", item.received_at, undefined, <TimeText at={item.received_at} short={false} />)}
      {row("client_id", item.client_id, "client_id")}
      {row("user_id", item.user_id)}
      {row("audience", item.audience, "audience")}
      {item.scopes.map((scope, i) => row(item.scopes.length === 1 ? "scope" : `scope ${i + 1}`, scope, "scope"))}
      {row("resource", item.resource)}
      {row("failure_reason", item.failure_reason, "reason")}
      {row("auth_server", item.auth_server, "provider")}
      {row("grant_type", item.grant_type)}
      {row("token_type", item.token_type)}
      {row(
        "duration_ms",
        item.duration_ms === null ? null : String(item.duration_ms),
        undefined,
        item.duration_ms === null ? null : duration(item.duration_ms),
      )}
      {row(
        "expires_in",
        item.expires_in === null ? null : String(item.expires_in),
        undefined,
        item.expires_in === null ? null : duration(item.expires_in * 1_000),
      )}
      {row("jti", item.jti, "jti")}
      {row("kid", item.kid)}
      {row("secret_fingerprint", item.secret_fingerprint)}
      {row("trace_id", item.trace_id, "trace_id")}
      {row("ip", item.ip, "ip")}
      {row("user_agent", item.user_agent)}
      {Object.entries(item.extra ?? {}).map(([name, value]) =>
        row(
          name,
          typeof value === "string" ? value : JSON.stringify(value),
          name === "purpose" ? "purpose" : undefined,
          name === "purpose" && typeof value === "string" ? (
            <>
              {value} <OwnCheck event={item} />
            </>
          ) : undefined,
        ),
      )}
      {row("source", item.source_id, "source", <Marked>{sourceName}</Marked>)}
      {row("event_id", item.event_id)}
      {row("id", item.id)}
      {item.flags.length > 0 && (
        <Field name="flags" value={item.flags.join(" ")}>
          {item.flags.map((flag) => (
            <StatusBadge key={flag} tone="warn" title={flagWords[flag]}>
              {flagWords[flag] ?? flag}
            </StatusBadge>
          ))}
        </Field>
      )}
    </dl>
  )
}

function Field({
  name,
  value,
  filter,
  children,
}: {
  name: string
  value: string
  filter?: () => void
  children: ReactNode
}) {
  return (
    <div className={classes.field}>
      <dt>{name}</dt>
      <dd>
        <Text span fz="inherit" flex={1} style={{ overflowWrap: "anywhere" }}>
          {children}
        </Text>
        {filter && (
          <Tip label="Filter for this value">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              aria-label={`Filter for ${name} ${value}`}
              onClick={filter}
            >
              <IconFilter size={14} aria-hidden />
            </ActionIcon>
          </Tip>
        )}
        <Copy value={value} label={name} />
      </dd>
    </div>
  )
}
