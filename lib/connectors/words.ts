/** The literals of a port in sentences. */
import type { EventsPort } from "./log-ports.ts"
import type { SecretsPort } from "./secrets-port.ts"
import type { WritePort } from "./write-port.ts"

const seconds = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`)

export const writeFacts = ({ parallel = 1, readLagMs = 0 }: WritePort): readonly string[] => [
  parallel === 1
    ? "Steps run one after the other."
    : `Up to ${parallel} steps run side by side, each on an object of its own.`,
  readLagMs === 0
    ? "Reads see a write at once."
    : `A write may stay invisible to reads for ${seconds(readLagMs)}; Grantry waits for it.`,
]

export function secretsWhy({ strategy, strategyOf, liveMax }: SecretsPort): string {
  if (strategyOf) return "Whether old and new secret overlap is the provider's state; it is read before each rotation."
  return strategy === "overlap"
    ? `Old and new secret work side by side, at most ${liveMax} at once: rotation without downtime.`
    : "One secret at a time: issuing a new one ends the old one."
}

const choosers: Readonly<Record<SecretsPort["chooser"], string>> = {
  caller: "Grantry makes the value.",
  provider: "The provider makes the value and tells it once.",
  either: "Either side can make the value.",
}
const expiries: Readonly<Record<SecretsPort["expiry"], string>> = {
  per_secret: "Each secret can have an end date.",
  policy: "A policy of the provider sets the end of a secret.",
  none: "A secret has no end date.",
}
const lists: Readonly<Record<SecretsPort["list"], string>> = {
  ids: "Its secrets are listed by id, never by value.",
  values: "Its secrets are listed with their values, which are not kept.",
  none: "It does not list its secrets.",
}
const ends: Readonly<Record<SecretsPort["end"], string>> = {
  by_id: "One secret is ended by its id.",
  all_rotated: "All earlier secrets are ended together.",
  by_policy: "A policy of the provider ends the old secret.",
  at_once: "The old secret ends when a new one is made.",
}

export const secretFacts = (port: SecretsPort): readonly string[] => [
  port.liveMax === 1 ? "At most one live secret per client." : `At most ${port.liveMax} live secrets per client.`,
  choosers[port.chooser],
  expiries[port.expiry],
  lists[port.list],
  ends[port.end],
  ...(port.settleMs
    ? [`For up to ${seconds(port.settleMs)} after a change the new value may be refused and the old one taken.`]
    : []),
  port.evidenceByLog === "A"
    ? "Its log names the secret that was used: evidence grade A."
    : "Its log does not name the secret that was used.",
]

export const eventsWhy = ({ everySeconds }: EventsPort): string =>
  `Token events come from the provider's own log, asked every ${everySeconds} s.`

const list = (names: readonly string[]): string => names.map((name) => name.replaceAll("_", " ")).join(", ")

export function eventFacts({ provenance }: EventsPort): readonly string[] {
  const by = (how: "observed" | "derived" | "absent") =>
    list(Object.entries(provenance).flatMap(([name, is]) => (is === how ? [name] : [])))
  return [
    ["Told by the log", by("observed")],
    ["Derived", by("derived")],
    ["Not reported", by("absent")],
  ].flatMap(([what, names]) => (names ? [`${what}: ${names}.`] : []))
}
