/** Names that a person reads, for the words of connectors. */
import type { Privilege, Verification } from "../../lib/connectors/kind.ts"
import type { PortName } from "../../lib/connectors/sheet.ts"

export const portTitles: Readonly<Record<PortName, string>> = {
  write: "Write clients, audiences and grants",
  secrets: "Issue and end client secrets",
  introspection: "Introspect tokens",
  events: "Tell its own token events",
  changes: "Tell who changed what",
}

export const neededWords: Readonly<Record<Privilege["needed"], string>> = {
  always: "always",
  "to write": "to apply plans",
  "for secrets": "for secrets",
  "for logs": "for logs",
  optional: "optional",
}

export const againstWords: Readonly<Record<Verification["against"], string>> = {
  "real server": "real server",
  "vendor contract": "vendor's contract",
  "own fake": "a fake of ours",
  twin: "a twin of ours",
}

const upper: Readonly<Record<string, string>> = {
  url: "URL",
  id: "ID",
  jwk: "JWK",
  api: "API",
  ca: "CA",
  grpc: "gRPC",
}

/** `client_id` is read as `Client ID`. */
export function settingLabel(name: string): string {
  const text = name
    .split("_")
    .map((word) => upper[word] ?? word)
    .join(" ")
  return text.startsWith("gRPC") ? text : text.charAt(0).toUpperCase() + text.slice(1)
}

/** A kind that is no product: "Any server that …". */
export const isGeneric = (title: string): boolean => title.startsWith("Any ")

/** A kind's title after other words. */
export const inSentence = (title: string): string => (isGeneric(title) ? `any${title.slice("Any".length)}` : title)
