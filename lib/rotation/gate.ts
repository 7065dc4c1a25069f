/** The evidence gate, pure: may the old secret be retired? reliability.md 3.4. Times in, sentences out. */
export const grades = ["A", "B", "C", "D"] as const
export type Grade = (typeof grades)[number]

export interface Evidence {
  readonly grade: Grade
  /** When the new secret became the one in use; null before grace. */
  readonly graceStartedAt: Date | null
  /** How long the old secret must be unseen: at least the life of a cached token, so that every instance had to fetch. */
  readonly graceSeconds: number
  /** Last use of any old secret. */
  readonly oldLastSeenAt: Date | null
  /** Last use of the new secret. One before grace was our own canary. */
  readonly newLastSeenAt: Date | null
  /** Until when every log that could show the old secret is known to be complete; null: there is none. */
  readonly completeUntil: Date | null
  /** Why the log is not complete, in the words of the source; null where nothing is wrong. */
  readonly gap: string | null
}

export const conditionNames = [
  "in_grace",
  "log_names_secret",
  "new_secret_in_use",
  "old_secret_unused",
  "log_complete",
] as const

export interface Condition {
  readonly name: (typeof conditionNames)[number]
  readonly is: boolean
  readonly why: string
}

/** On the wire: contract.md section 5. */
export interface Gate {
  readonly open: boolean
  readonly grade: Grade
  readonly why: string
  readonly complete_until: string | null
  readonly old_last_seen_at: string | null
  readonly new_last_seen_at: string | null
  /** When it can open at the earliest, if the old secret stays unused; null where no waiting opens it. */
  readonly opens_at: string | null
  readonly conditions: readonly Condition[]
}

const utc = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`

export function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`
}

/** Opens only with every condition met. Grade D never opens: a timer is no evidence. */
export function gate(evidence: Evidence): Gate {
  const { graceStartedAt, oldLastSeenAt, newLastSeenAt, completeUntil } = evidence
  const since =
    graceStartedAt === null ? null : new Date(Math.max(graceStartedAt.getTime(), oldLastSeenAt?.getTime() ?? 0))
  const opensAt =
    since === null || evidence.grade === "D" ? null : new Date(since.getTime() + evidence.graceSeconds * 1000)
  const conditions = [
    inGrace(evidence),
    named(evidence),
    newInUse(evidence),
    complete(evidence, since),
    unused(evidence, since, opensAt),
  ]
  const closed = conditions.find((c) => !c.is)
  return {
    open: closed === undefined,
    grade: evidence.grade,
    why: closed?.why ?? conditions.at(-1)?.why ?? "",
    complete_until: completeUntil?.toISOString() ?? null,
    old_last_seen_at: oldLastSeenAt?.toISOString() ?? null,
    new_last_seen_at: newLastSeenAt?.toISOString() ?? null,
    opens_at: opensAt?.toISOString() ?? null,
    conditions,
  }
}

const inGrace = ({ graceStartedAt }: Evidence): Condition => ({
  name: "in_grace",
  is: graceStartedAt !== null,
  why:
    graceStartedAt === null
      ? "The new secret has not been delivered yet."
      : `Both secrets are accepted since ${utc(graceStartedAt)}.`,
})

const named = ({ grade, graceSeconds }: Evidence): Condition => ({
  name: "log_names_secret",
  is: grade !== "D",
  why:
    grade === "A"
      ? "The provider's log names the secret of each token."
      : grade === "B"
        ? "The service reports the fingerprint of its secret."
        : grade === "C"
          ? "Delivery is proven; use is not observed."
          : `No log names the secret. A timer of ${span(graceSeconds)} is no evidence: retiring needs an override with a reason.`,
})

/** Grade C proves delivery instead of use. */
function newInUse({ grade, graceStartedAt, newLastSeenAt }: Evidence): Condition {
  // Before grace only our canary had it.
  const seen = newLastSeenAt !== null && graceStartedAt !== null && newLastSeenAt >= graceStartedAt
  const is = grade === "C" || seen
  return {
    name: "new_secret_in_use",
    is,
    why: seen ? `New secret last used ${utc(newLastSeenAt)}.` : "No service has used the new secret yet.",
  }
}

function complete({ completeUntil, gap }: Evidence, since: Date | null): Condition {
  if (gap !== null) return { name: "log_complete", is: false, why: `Cannot tell: ${gap} The gate stays closed.` }
  if (completeUntil === null)
    return {
      name: "log_complete",
      is: false,
      why: "Cannot tell: no source of token events says until when it is complete.",
    }
  const is = since !== null && completeUntil >= since
  return {
    name: "log_complete",
    is,
    why: is
      ? `Log complete until ${utc(completeUntil)}.`
      : `The log is complete until ${utc(completeUntil)} only, before the time that counts.`,
  }
}

function unused(
  { oldLastSeenAt, completeUntil, graceSeconds }: Evidence,
  since: Date | null,
  opensAt: Date | null,
): Condition {
  const last =
    oldLastSeenAt === null ? "No use of the old secret is recorded" : `Old secret last used ${utc(oldLastSeenAt)}`
  if (since === null || completeUntil === null || opensAt === null)
    return { name: "old_secret_unused", is: false, why: `${last}.` }
  const is = completeUntil >= opensAt
  const quiet = Math.max(0, (completeUntil.getTime() - since.getTime()) / 1000)
  return {
    name: "old_secret_unused",
    is,
    why: is
      ? `${last}. None since; log complete until ${utc(completeUntil)}.`
      : `${last}; unseen for ${span(quiet)} of a complete log, ${span(graceSeconds)} are needed.`,
  }
}
