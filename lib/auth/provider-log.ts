import { conflict } from "../base/errors.ts"

/** Kinds of sources whose events are a provider's own word, on which a rotation may rest (grade A). Grantry alone makes them. */
const logKinds: readonly string[] = ["provider", "local_idp"]

/**
 * What stands in a provider's log, and how complete it is, only the provider can say: nobody sends events for it, says
 * that nothing of it is missing, or removes it. 409 `source_of_provider`, with what can be done instead. `providerId` is the
 * connected provider whose log it is: that of one that was disconnected is its log still, but no more use: it may be removed.
 */
export function refuseProviderLog(
  source: { readonly kind: string; readonly providerId: string | null },
  deed: "send" | "remove",
): void {
  if (source.providerId === null && (deed === "remove" || !logKinds.includes(source.kind))) return
  throw conflict(
    "source_of_provider",
    deed === "remove"
      ? "This is the log of a connected provider. Switch it off, or disconnect the provider first."
      : "This is a provider's own log: only the provider speaks for it. Make a source for what you send.",
  )
}

/** The local identity provider sends its log by itself, with the one token that there is for its source. */
export const speaksForItself = (source: { readonly kind: string }): boolean => source.kind === "local_idp"
