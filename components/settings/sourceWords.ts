import type { SourceView } from "../../lib/events/source-view.ts"
import type { Tone } from "../ui/StatusBadge.tsx"

/** How the state of an event source is shown, and what it means. */
export const sourceWords: Readonly<Record<SourceView["state"], { tone: Tone; word: string; means: string }>> = {
  waiting: { tone: "info", word: "waiting for the first event", means: "Nothing has come from it yet" },
  live: { tone: "pass", word: "live", means: "It was heard within its limit" },
  silent: {
    tone: "warn",
    word: "silent",
    means: "Nothing was heard for longer than its limit: since then something may be missing",
  },
  disabled: { tone: "quiet", word: "disabled", means: "What it sends is refused" },
}

/** What kind of source it is. */
const kindWords: Readonly<Record<string, string>> = {
  push: "sends by itself",
  local_idp: "local identity provider",
  demo: "demo fleet",
  provider: "provider log",
}
export const sourceKind = (kind: string): string => kindWords[kind] ?? kind
