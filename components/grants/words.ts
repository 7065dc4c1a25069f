import type { PairState } from "../../lib/access/pairs.ts"
import type { AccessRow } from "../../lib/access/queries.ts"
import { auditHref, type LinkFilter } from "../audit/filter.ts"
import type { AccessPage } from "../../lib/access/queries.ts"
import type { Tone } from "../ui/StatusBadge.tsx"

interface Word {
  readonly name: string
  readonly tone: Tone
  /** Stands in a cell of the matrix, beside the colour. */
  readonly mark: string
  readonly says: string
}

/** How a pair of client and audience is spoken of, and in which order. */
export const stateWords: Readonly<Record<PairState, Word>> = {
  ungranted: {
    name: "Observed, not granted",
    tone: "fail",
    mark: "!",
    says: "Tokens were issued or calls let in, and no grant in the registry covers them.",
  },
  used: { name: "Granted and used", tone: "pass", mark: "●", says: "An API let calls in, under a grant." },
  requested: {
    name: "Granted, tokens only",
    tone: "info",
    mark: "◐",
    says: "Tokens were issued under a grant, and no API reported a call. Requested is not used.",
  },
  unused: {
    name: "Granted, never used",
    tone: "quiet",
    mark: "○",
    says: "There is a grant, and no event let in under it.",
  },
  refused: {
    name: "Tried, refused",
    tone: "warn",
    mark: "×",
    says: "There is no grant, and every try was turned away.",
  },
}
export const pairStateNames = [
  "ungranted",
  "used",
  "requested",
  "unused",
  "refused",
] as const satisfies readonly PairState[]

/** P8: nothing is called unused over a gap in the events. */
export const wordOf = (state: PairState, complete: boolean): Word =>
  state === "unused" && !complete
    ? {
        ...stateWords.unused,
        name: "Granted, not seen",
        says: "There is a grant. The events have a gap in this time, so nobody can say that it was never used.",
      }
    : stateWords[state]

/** Everything but a refusal: a validation that does not say how it ended counts as let in. */
const allowed = ["success", "unknown"]
/** Which events each number of a pair counts. */
export const countedBy: Readonly<Record<"issued" | "refused" | "accepted" | "rejected", LinkFilter>> = {
  issued: { event: "token_issued", result: allowed },
  refused: { event: "token_issued", result: "failure" },
  accepted: { event: "token_validated", result: allowed },
  rejected: { event: "token_validated", result: "failure" },
}

/** The link to the events of a pair: those that carry any name of the client, as the numbers count them. */
export const eventsOf = (
  { ids }: Pick<AccessRow, "ids">,
  audience: string,
  since: string,
  filter: LinkFilter = {},
): string => auditHref({ client_id: ids, audience, ...filter }, { from: since })

/** What an audience is called on this page: its name, or its identifier where two share one. */
export function audienceWord(audiences: AccessPage["audiences"], identifier: string): string {
  const name = audiences[identifier]?.name
  if (name === undefined) return identifier
  const sharers = Object.values(audiences).filter((a) => a?.name === name).length
  return sharers > 1 ? identifier : name
}
