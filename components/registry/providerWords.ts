import { isGeneric } from "../providers/words.ts"

/**
 * What a provider's kind is called in a list, by the `titles` of the kinds: a kind that is no product ("Any server with …") by what
 * it is, one that is not known by its own word.
 */
export function kindName(kind: string, titles: Readonly<Record<string, string>>): string {
  const title = titles[kind] ?? kind
  return isGeneric(title) ? title.slice("Any ".length).replace(/ with .*/, "") : title
}

/** What a provider is, beside its name: the kind is left out where the name says it already. */
export function placeOf(
  p: { readonly name: string; readonly kind: string; readonly environment: string },
  titles: Readonly<Record<string, string>>,
): string {
  const kind = kindName(p.kind, titles)
  const said = [p.kind, kind.toLowerCase()].includes(p.name.toLowerCase())
  return said ? p.environment : `${kind} · ${p.environment}`
}
