import { conflict } from "../base/errors.ts"

/**
 * What stands in a provider's log, and how complete it is, only the provider can say: nobody sends events for it, says
 * that nothing of it is missing, or removes it. 409 `source_of_provider`, with what can be done instead. The log of a
 * provider that was disconnected is its log still, but no more use: it may be removed.
 */
export function refuseProviderLog(
  source: { readonly kind: string; readonly providerId: string | null },
  deed: "send" | "remove",
): void {
  if (source.providerId === null && (deed === "remove" || source.kind !== "provider")) return
  throw conflict(
    "source_of_provider",
    deed === "remove"
      ? "This is the log of a connected provider. Switch it off, or disconnect the provider first."
      : "This is a provider's own log: only the provider speaks for it. Make a source for what you send.",
  )
}
