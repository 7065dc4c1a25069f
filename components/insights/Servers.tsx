"use client"

import { ChartPanel } from "../charts/ChartPanel.tsx"
import { LineFigure } from "../charts/LineFigure.tsx"
import { Twin, type Cell } from "../charts/Twin.tsx"
import { duration } from "../ui/time.ts"
import { count, linked, rows, timeRows, type BoardProps } from "./board.ts"
import { restName, seriesOf } from "./panels.ts"

const unnamed = "not named"

/** Does each provider serve us? */
export function Servers(props: BoardProps) {
  const { data, nowMs, provider } = props
  const latency = data.latency.filter((l) => provider === null || l.provider === provider)
  const issuing = latency.filter((l) => l.event === "token_issued").sort((a, b) => b.p95 - a.p95)
  const slowest = issuing[0]
  const refused = seriesOf(data, nowMs, (f) =>
    f.event === "token_issued" && f.result === "failure" ? (f.reason ?? "not said") : null,
  )
  const total = Object.values(refused.totals).reduce((s, c) => s + c, 0)
  const byProvider = Map.groupBy(
    data.flow.filter((f) => f.event === "token_issued"),
    (f) => f.provider ?? unnamed,
  )
  return (
    <>
      <ChartPanel
        wide
        question="How fast does each provider issue, and each API check?"
        answer={
          slowest === undefined
            ? "– · no provider reports how long it takes."
            : `${slowest.provider ?? "A provider that is not named"} issues 95 of 100 tokens within ${duration(slowest.p95)}.`
        }
        table={
          <Twin
            label="Percentiles of duration"
            headers={["Provider, event", "events", "p50", "p95", "p99"]}
            rows={latency.map((l): Cell[] => [
              {
                text: `${l.provider ?? unnamed}, ${l.event.replace("token_", "")}`,
                href: rows(props, { event: l.event, ...(l.provider === null ? {} : { provider: l.provider }) }),
              },
              linked(props, l.count, { event: l.event, ...(l.provider === null ? {} : { provider: l.provider }) }),
              { text: `≤ ${duration(l.p50)}` },
              { text: `≤ ${duration(l.p95)}` },
              { text: `≤ ${duration(l.p99)}` },
            ])}
          />
        }
      />
      <ChartPanel
        question="Which errors do the providers answer?"
        answer={
          total === 0 ? "No refusal was reported." : `${count(total)} refusals, most often ${refused.names[0] ?? ""}.`
        }
        chart={<LineFigure points={refused.points} names={refused.names} gaps={props.gaps} />}
        table={
          <Twin
            label="Refusals over time"
            headers={["From", ...refused.names]}
            rows={timeRows(props, refused, (name) => ({
              event: "token_issued",
              ...(name === restName || name === "not said" ? { result: "failure" } : { reason: name }),
            }))}
          />
        }
      />
      <ChartPanel
        question="How many token requests does each provider refuse?"
        answer={
          byProvider.size === 0
            ? "– · no source reports token requests."
            : `${count(byProvider.size)} ${byProvider.size === 1 ? "provider reports" : "providers report"}.`
        }
        table={
          <Twin
            label="Requests by provider"
            headers={["Provider", "issued", "refused"]}
            rows={[...byProvider].map(([name, flows]): Cell[] => {
              const filter = name === unnamed ? {} : { provider: name }
              const of = (result: string) => flows.filter((f) => f.result === result).reduce((s, f) => s + f.count, 0)
              return [
                { text: name, href: rows(props, { event: "token_issued", ...filter }) },
                linked(props, of("success"), { event: "token_issued", result: "success", ...filter }),
                linked(props, of("failure"), { event: "token_issued", result: "failure", ...filter }),
              ]
            })}
          />
        }
      />
    </>
  )
}
