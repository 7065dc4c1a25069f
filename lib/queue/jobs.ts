/**
 * The closed list of jobs. A job carries no state: what is to be done stands in our own tables, and its handler sweeps
 * them, so a lost, doubled or repeated job changes nothing. `everySeconds` is the sweep that finds what a wake-up missed.
 */
export const jobs = {
  // Three at once: a long apply on one provider must not hold up another's. Each provider has its own lease.
  apply: { everySeconds: 5, atOnce: 3, why: "Carry out plans that are applying" },
  // Apart from apply: a token endpoint that is silent must not hold up a plan.
  "plan.tokens": { everySeconds: 5, atOnce: 3, why: "Fetch tokens after plans were applied" },
  rotation: { everySeconds: 5, why: "Advance rotations that are in flight" },
  "provider.read": { everySeconds: 15, why: "Read providers that are due or were asked to be read" },
  "provider.log": { everySeconds: 5, atOnce: 2, why: "Read the logs of providers that are due, as token events" },
  "provider.probe": { everySeconds: 30, why: "Probe the health of providers" },
  "secret.verify": { everySeconds: 10, why: "Verify pending secrets by a canary token" },
  "secret.seen": { everySeconds: 15, why: "Note when services last used their secrets" },
  "events.fold": { everySeconds: 10, why: "Fold rollup deltas" },
  "events.partitions": { everySeconds: 600, why: "Make event partitions ahead of time" },
  "events.retention": { everySeconds: 3600, why: "Drop event partitions past their retention" },
  "events.conflicts": { everySeconds: 60, why: "Find one event id with two contents" },
  "events.watermarks": { everySeconds: 20, why: "Stop the watermark of silent sources" },
  housekeeping: {
    everySeconds: 3600,
    why: "Forget old sessions, idempotency keys, sign-in attempts and tokens that nobody fetched",
  },
} as const satisfies Record<string, { everySeconds: number; atOnce?: number; why: string }>

export type JobName = keyof typeof jobs
export const jobNames = Object.keys(jobs) as readonly JobName[]
