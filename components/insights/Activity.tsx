"use client"

import Link from "next/link"
import { ChartPanel } from "../charts/ChartPanel.tsx"
import { Twin, type Cell } from "../charts/Twin.tsx"
import { count, linked, percent, rows, type BoardProps } from "./board.ts"

const share = (good: number, bad: number): Cell =>
  good + bad === 0 ? { absent: "no call was reported" } : { text: percent((good / (good + bad)) * 100) }

/** Who does what? */
export function Activity(props: BoardProps) {
  const { clients, audiences } = props.data
  const top = clients[0]
  const busiest = audiences[0]
  return (
    <>
      <ChartPanel
        wide
        question="Which clients are busiest, and which fail?"
        answer={
          top === undefined ? (
            "No client was named in this time."
          ) : (
            <>
              <Link href={rows(props, { client_id: top.client_id })}>{top.client_id}</Link> most of{" "}
              {count(clients.length)}
              {clients.length === 50 ? " or more" : ""}.
            </>
          )
        }
        table={
          <Twin
            label="Use by client"
            headers={["Client", "tokens issued", "refused", "calls accepted", "rejected", "accepted share"]}
            rows={clients.map((c) => [
              { text: c.client_id, href: rows(props, { client_id: c.client_id }) },
              linked(props, c.issued, { client_id: c.client_id, event: "token_issued", result: "success" }),
              linked(props, c.refused, { client_id: c.client_id, event: "token_issued", result: "failure" }),
              linked(props, c.accepted, { client_id: c.client_id, event: "token_validated", result: "success" }),
              linked(props, c.rejected, { client_id: c.client_id, event: "token_validated", result: "failure" }),
              share(c.accepted, c.rejected),
            ])}
          />
        }
      />
      <ChartPanel
        wide
        question="Which APIs are called?"
        answer={
          busiest === undefined ? (
            "No audience was named in this time."
          ) : (
            <>
              <Link href={rows(props, { audience: busiest.audience })}>{busiest.audience}</Link> most.
            </>
          )
        }
        table={
          <Twin
            label="Use by audience"
            headers={["Audience", "calls accepted", "rejected", "accepted share"]}
            rows={audiences.map((a) => [
              { text: a.audience, href: rows(props, { audience: a.audience }) },
              linked(props, a.accepted, { audience: a.audience, event: "token_validated", result: "success" }),
              linked(props, a.rejected, { audience: a.audience, event: "token_validated", result: "failure" }),
              share(a.accepted, a.rejected),
            ])}
          />
        }
      />
    </>
  )
}
