import { expect, test } from "vitest"
import { pairsOf, type PairState } from "./pairs.ts"

const a = "https://a.example"
const grant = (expires_at: string | null = null) => ({ audience: a, id: "g", scopes: ["read"], expires_at })
const at = "2026-11-20T10:00:00.000Z"
const seen = (counts: { issued?: number; refused?: number; accepted?: number; rejected?: number }, last_at = at) => ({
  audience: a,
  issued: 0,
  refused: 0,
  accepted: 0,
  rejected: 0,
  last_at,
  allowed_at: counts.accepted || counts.issued ? last_at : null,
  ...counts,
})
const refusedLater = { ...seen({ accepted: 1, refused: 2 }, "2026-11-20T16:00:00.000Z"), allowed_at: at }

test.each<[string, PairState, Parameters<typeof pairsOf>[0], Parameters<typeof pairsOf>[1]]>([
  ["a grant with calls let in", "used", [grant()], [seen({ accepted: 1 })]],
  ["a grant with tokens and no call", "requested", [grant()], [seen({ issued: 4, refused: 1 })]],
  ["a grant with refusals only", "unused", [grant()], [seen({ rejected: 4 })]],
  ["a grant and no event", "unused", [grant()], []],
  ["calls let in without a grant", "ungranted", [], [seen({ accepted: 1 })]],
  ["tokens without a grant", "ungranted", [], [seen({ issued: 1 })]],
  ["tries that were turned away", "refused", [], [seen({ rejected: 3, refused: 2 })]],
  ["calls before the grant's end", "used", [grant("2026-11-20T11:00:00.000Z")], [seen({ accepted: 1 })]],
  ["calls in the hour of the grant's end", "used", [grant("2026-11-20T10:30:00.000Z")], [seen({ accepted: 1 })]],
  ["calls before the grant's end and refusals after it", "used", [grant("2026-11-20T11:00:00.000Z")], [refusedLater]],
  ["tries after the grant's end alone", "refused", [grant("2026-11-20T09:00:00.000Z")], [seen({ refused: 1 })]],
  ["calls after the grant's end", "ungranted", [grant("2026-11-20T09:00:00.000Z")], [seen({ accepted: 1 })]],
])("%s: %s", (_name, state, grants, events) => expect(pairsOf(grants, events)).toMatchObject([{ audience: a, state }]))

test("a client's ids at its providers count together, by audience", () => {
  const other = { ...seen({ accepted: 5 }), audience: "https://0.example" }
  expect(pairsOf([grant()], [seen({ accepted: 1 }), seen({ accepted: 2 }, "2026-11-21T10:00:00.000Z"), other])).toEqual(
    [
      {
        audience: "https://0.example",
        state: "ungranted",
        grant: null,
        observed: { issued: 0, refused: 0, accepted: 5, rejected: 0, last_at: at, allowed_at: at },
      },
      {
        audience: a,
        state: "used",
        grant: { id: "g", scopes: ["read"], expires_at: null },
        observed: {
          issued: 0,
          refused: 0,
          accepted: 3,
          rejected: 0,
          last_at: "2026-11-21T10:00:00.000Z",
          allowed_at: "2026-11-21T10:00:00.000Z",
        },
      },
    ],
  )
})
