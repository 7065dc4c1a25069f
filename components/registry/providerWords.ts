import { isGeneric } from "../providers/words.ts"

/**
 * What a provider's kind is called in a list, by the `titles` of the kinds: a kind that is no product ("Any server with …") by what
 * it is, one that is not known by its own word.
 */
function kindName(kind: string, titles: Readonly<Record<string, string>>): string {
  const title = titles[kind] ?? kind
  return isGeneric(title) ? title.slice("Any ".length).replace(/ with .*/, "") : title
}

/** A provider's kind beside its name; null: the name says it already. */
export function kindBeside(
  p: { readonly name: string; readonly kind: string },
  titles: Readonly<Record<string, string>>,
): string | null {
  const kind = kindName(p.kind, titles)
  return [p.kind, kind.toLowerCase()].includes(p.name.toLowerCase()) ? null : kind
}

/** What a provider is, beside its name. */
export const placeOf = (
  p: { readonly name: string; readonly kind: string; readonly environment: string },
  titles: Readonly<Record<string, string>>,
): string => [kindBeside(p, titles), p.environment].filter((word) => word !== null).join(" · ")
