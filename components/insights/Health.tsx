"use client"

import Link from "next/link"
import { minuteMs } from "../../lib/base/time.ts"
import { ChartPanel } from "../charts/ChartPanel.tsx"
import { LineFigure } from "../charts/LineFigure.tsx"
import { Twin, type Cell } from "../charts/Twin.tsx"
import { duration } from "../ui/time.ts"
import { count, linked, percent, rows, timeRows, type BoardProps } from "./board.ts"
import { ratioOf, restName, seriesOf, sumOf } from "./panels.ts"

const outcome = (event: string, result: string): string | null =>
  event === "token_issued"
    ? result === "failure"
      ? "refused"
      : "issued"
    : event === "token_validated"
      ? result === "failure"
        ? "rejected"
        : result === "success"
          ? "accepted"
          : null
      : null
const outcomeFilter: Readonly<Record<string, { event: string; result: string }>> = {
  issued: { event: "token_issued", result: "success" },
  refused: { event: "token_issued", result: "failure" },
  accepted: { event: "token_validated", result: "success" },
  rejected: { event: "token_validated", result: "failure" },
}

/** Do calls succeed? */
export function Health(props: BoardProps) {
  const { data, nowMs } = props
  const flow = seriesOf(data, nowMs, (f) => outcome(f.event, f.result))
  const ratio = ratioOf(data, nowMs, "token_validated")
  const why = seriesOf(data, nowMs, (f) => (f.result === "failure" ? (f.reason ?? "not said") : null))
  const [issued, accepted] = [sumOf(data, "token_issued", "success"), sumOf(data, "token_validated")]
  const worst = why.names.find((name) => name !== restName)
  const failed = Object.values(why.totals).reduce((sum, c) => sum + c, 0)
  const base = ratio.totals.base
  return (
    <>
      <ChartPanel
        question="Are tokens issued and calls accepted?"
        answer={
          <>
            {issued === null ? (
              "No source reports issued tokens."
            ) : (
              <>
                <Link href={rows(props, { event: "token_issued", result: "success" })}>{count(issued)}</Link> issued.
              </>
            )}{" "}
            {accepted === null ? (
              "No API reports validated tokens."
            ) : (
              <>
                <Link href={rows(props, { event: "token_validated" })}>{count(accepted)}</Link> calls checked.
              </>
            )}
          </>
        }
        chart={<LineFigure points={flow.points} names={flow.names} gaps={props.gaps} />}
        table={
          <Twin
            label="Tokens issued and calls accepted over time"
            headers={["From", ...flow.names]}
            rows={timeRows(props, flow, (name) => outcomeFilter[name] ?? null)}
          />
        }
      />
      <ChartPanel
        question="What share of calls is accepted?"
        answer={
          ratio.totals.success === undefined || base === undefined ? (
            "– · no API reports how its checks end."
          ) : (
            <>
              {percent(ratio.totals.success)} of{" "}
              <Link href={rows(props, { event: "token_validated" })}>{count(base)}</Link> calls.
            </>
          )
        }
        chart={<LineFigure points={ratio.points} names={ratio.names} unit=" %" top={100} gaps={props.gaps} />}
        table={
          <Twin
            label="Share of accepted calls over time"
            headers={["From", "accepted"]}
            rows={timeRows(props, ratio, () => ({ event: "token_validated" }), percent)}
          />
        }
      />
      <ChartPanel
        question="Why do requests and calls fail?"
        answer={
          failed === 0 || worst === undefined ? (
            "No failure was reported."
          ) : (
            <>
              <Link href={rows(props, { result: "failure" })}>{count(failed)}</Link> failures; most often{" "}
              <Link href={rows(props, worst === "not said" ? { result: "failure" } : { reason: worst })}>{worst}</Link>,{" "}
              {count(why.totals[worst] ?? 0)} times.
            </>
          )
        }
        chart={<LineFigure points={why.points} names={why.names} gaps={props.gaps} />}
        table={
          <Twin
            label="Failures by reason over time"
            headers={["From", ...why.names]}
            rows={timeRows(props, why, (name) =>
              name === restName || name === "not said" ? { result: "failure" } : { reason: name },
            )}
          />
        }
      />
      <SourcesPanel {...props} />
    </>
  )
}

const ago = (ms: number): string => (ms < minuteMs ? "under 1 min" : duration(ms))

function SourcesPanel(props: BoardProps) {
  const { sources, nowMs } = props
  const enabled = sources.filter((s) => s.enabled)
  const silent = enabled.filter((s) => s.state === "silent")
  const table = enabled.map((s): Cell[] => [
    { text: s.name, href: rows({ ...props, provider: null }, { source: s.id }) },
    s.last_event_at === null
      ? { absent: "it has sent nothing yet" }
      : { text: ago(nowMs - Date.parse(s.last_event_at)) },
    s.heartbeat_at === null ? { absent: "it sends no heartbeats" } : { text: ago(nowMs - Date.parse(s.heartbeat_at)) },
    { text: s.state },
    linked({ ...props, provider: null }, s.stored, { source: s.id }),
  ])
  return (
    <ChartPanel
      question="How long ago did each source speak?"
      answer={
        enabled.length === 0
          ? "There is no source yet."
          : silent.length === 0
            ? "No source is silent for longer than its limit."
            : `${silent.map((s) => s.name).join(", ")} ${silent.length === 1 ? "is" : "are"} silent for longer than the limit.`
      }
      table={
        <Twin
          label="Time since the last event of each source"
          headers={["Source", "last event", "heartbeat", "state", "stored in all"]}
          rows={table}
        />
      }
    />
  )
}
