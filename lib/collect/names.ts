import { isObject } from "../base/json.ts"
import { splitGrantKey, type AppliedObject } from "../connectors/objects.ts"
import type { Connector } from "../connectors/port.ts"
import type { NormalizeContext } from "../normalize/context.ts"

/**
 * What the registry knows of one provider and its log does not tell. A scope word that two audiences own there stands for
 * neither; written `{audience}/{scope}` it stands for its own (contract.md 4). Audiences that a provider does not hold are
 * known by their grants.
 */
export function namesOf(
  authServer: string,
  placed: readonly AppliedObject[],
  clientIdOf: Connector["clientIdOf"],
): NormalizeContext {
  const owners = new Map<string, Set<string>>()
  const audiences = new Map<string, string>()
  const clients = new Map<string, string>()
  for (const { kind, key, remoteId, fields } of placed) {
    if (kind === "client") clients.set(clientIdOf({ key, remoteId }), key)
    if (kind === "audience") audiences.set(remoteId, key)
    const audience = kind === "audience" ? key : kind === "grant" ? splitGrantKey(key).audience : null
    if (audience === null) continue
    for (const scope of scopeNames(fields.scopes))
      for (const word of [scope, `${audience}/${scope}`])
        owners.set(word, (owners.get(word) ?? new Set<string>()).add(audience))
  }
  return {
    authServer,
    audienceOfScope(word) {
      const [only, ...others] = owners.get(word) ?? []
      return only === undefined || others.length > 0 ? null : only
    },
    audienceOf: (id) => audiences.get(id) ?? null,
    clientName: (id) => clients.get(id) ?? null,
  }
}

/** Of a grant they are names, of an audience `{name, description}`. */
const scopeNames = (scopes: unknown): string[] =>
  (Array.isArray(scopes) ? scopes : []).flatMap((scope: unknown) => {
    const name = isObject(scope) ? scope.name : scope
    return typeof name === "string" ? [name] : []
  })
