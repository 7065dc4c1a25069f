"use client"

import { ChartPanel } from "../charts/ChartPanel.tsx"
import { LineFigure } from "../charts/LineFigure.tsx"
import { Twin } from "../charts/Twin.tsx"
import { duration } from "../ui/time.ts"
import { count, linked, timeRows, type BoardProps } from "./board.ts"
import { seriesOf, sumOf } from "./panels.ts"

/** Are tokens made, used and ended as planned? */
export function Lifecycle(props: BoardProps) {
  const { data, nowMs } = props
  const minutes = data.step_seconds / 60
  const issued = seriesOf(data, nowMs, (f) =>
    f.event === "token_issued" && f.result === "success" ? (f.provider ?? "not named") : null,
  )
  const perMinute = {
    ...issued,
    points: issued.points.map((p) => ({
      ...p,
      values: Object.fromEntries(Object.entries(p.values).map(([k, v]) => [k, v === null ? null : v / minutes])),
    })),
  }
  const grants = seriesOf(data, nowMs, (f) => (f.event === "token_issued" ? (f.grant_type ?? "not said") : null))
  const made = sumOf(data, "token_issued", "success")
  const used = sumOf(data, "token_validated", "success")
  const revoked = sumOf(data, "token_revoked")
  const written = (value: number) => (value >= 10 ? count(Math.round(value)) : value.toFixed(1))
  return (
    <>
      <ChartPanel
        question="How many tokens does each provider issue per minute?"
        answer={made === null ? "– · no source reports issued tokens." : `${count(made)} in this time.`}
        chart={<LineFigure points={perMinute.points} names={perMinute.names} gaps={props.gaps} />}
        table={
          <Twin
            label="Issued tokens per minute"
            headers={["From", ...perMinute.names]}
            rows={timeRows(
              props,
              perMinute,
              (name) => ({
                event: "token_issued",
                result: "success",
                ...(name === "not named" ? {} : { provider: name }),
              }),
              written,
            )}
          />
        }
      />
      <ChartPanel
        question="How long do tokens live, and how often is one used?"
        answer={
          data.average_lifetime_seconds === null
            ? "No provider reports the life of its tokens."
            : `A token lives ${duration(data.average_lifetime_seconds * 1_000)} on average.`
        }
        table={
          <Twin
            label="Life and use of tokens"
            headers={["What", "value"]}
            rows={[
              [
                { text: "tokens issued" },
                made === null
                  ? { absent: "not reported" }
                  : linked(props, made, { event: "token_issued", result: "success" }),
              ],
              [
                { text: "accepted calls" },
                used === null
                  ? { absent: "not reported" }
                  : linked(props, used, { event: "token_validated", result: "success" }),
              ],
              [
                { text: "accepted calls per token" },
                made === null || made === 0 || used === null
                  ? { absent: "needs both issued and validated events" }
                  : { text: (used / made).toFixed(1) },
              ],
              [
                { text: "average life" },
                data.average_lifetime_seconds === null
                  ? { absent: "not reported by any provider" }
                  : { text: duration(data.average_lifetime_seconds * 1_000) },
              ],
              [
                { text: "calls with an expired token" },
                linked(
                  props,
                  data.flow.filter((f) => f.reason === "expired").reduce((s, f) => s + f.count, 0),
                  { reason: "expired" },
                ),
              ],
              [
                { text: "revocations" },
                revoked === null ? { absent: "none reported" } : linked(props, revoked, { event: "token_revoked" }),
              ],
            ]}
          />
        }
      />
      <ChartPanel
        question="By which grants are tokens asked for?"
        answer={
          grants.names.length === 0
            ? "– · no source reports token requests."
            : `${grants.names.length === 1 ? "Only" : "Mostly"} ${grants.names[0] ?? ""}.`
        }
        chart={<LineFigure points={grants.points} names={grants.names} gaps={props.gaps} />}
        table={
          <Twin
            label="Token requests by grant type"
            headers={["From", ...grants.names]}
            rows={timeRows(props, grants, () => ({ event: "token_issued" }))}
          />
        }
      />
    </>
  )
}
