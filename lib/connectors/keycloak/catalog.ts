/** Which client scope belongs to which audience, and by which of our words. Pure. */
import { attribute, audienceMapper, longName, reservedWords } from "./names.ts"
import type { Scope } from "./shapes.ts"

/** The audiences that a token carries when this scope is granted, by its audience mappers. */
export function audiencesOf({ protocolMappers }: Scope): readonly string[] {
  const found = protocolMappers.flatMap(({ protocolMapper, config }) => {
    if (protocolMapper !== audienceMapper || config["access.token.claim"] === "false") return []
    // A client audience wins over a custom one; either is copied literally into `aud`.
    const audience = config["included.client.audience"] || config["included.custom.audience"]
    return audience ? [audience] : []
  })
  return [...new Set(found)]
}

/** Our word for the scope: what we wrote on it, or its name, without the audience where that stands in front. */
export function wordOf({ name, attributes }: Scope, audience: string): string {
  const told = attributes[attribute.scope]
  if (told && attributes[attribute.audience] === audience) return told
  const prefix = longName(audience, "")
  return name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : name
}

export interface ScopeOf {
  readonly scope: Scope
  readonly audience: string
  readonly word: string
}

/** Every scope with each of its audiences. Scopes without an audience (`email`) are not in it. */
export const catalog = (scopes: readonly Scope[]): readonly ScopeOf[] =>
  scopes.flatMap((scope) => audiencesOf(scope).map((audience) => ({ scope, audience, word: wordOf(scope, audience) })))

/** The name to store a new scope under: its own word, unless somebody else uses that word already. */
export const freeName = (audience: string, word: string, scopes: readonly Scope[]): string =>
  reservedWords.has(word) || scopes.some(({ name }) => name === word) ? longName(audience, word) : word

export const isOurs = ({ attributes }: { readonly attributes: Readonly<Record<string, string>> }): boolean =>
  attributes[attribute.managed] === "true"
