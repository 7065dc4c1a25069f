import type { Scope } from "./shapes.ts"

/** Within one apply the list is read again at most this often. */
const freshMs = 3_000

export interface ScopeList {
  /** Everything, as it was a moment ago; `fresh` asks again. */
  all(fresh?: boolean): Promise<readonly Scope[]>
  /** What one scope is since `at` (null: gone), read after a write of our own. */
  note(id: string, scope: Scope | null, at: number): void
}

/**
 * All client scopes of the realm, which has no search for them. Steps side by side share one reading, and what was written
 * by us while a reading was on its way is put over it.
 */
export function scopeList(read: () => Promise<readonly Scope[]>): ScopeList {
  let known: { readonly scopes: Map<string, Scope>; readonly at: number } | null = null
  let reading: Promise<readonly Scope[]> | null = null
  const noted = new Map<string, { readonly scope: Scope | null; readonly at: number }>()

  const readAll = async (): Promise<readonly Scope[]> => {
    const at = Date.now()
    const found = new Map((await read()).map((one) => [one.id, one]))
    for (const [id, note] of noted) {
      if (note.at < at) noted.delete(id)
      else put(found, id, note.scope)
    }
    known = { scopes: found, at }
    return [...found.values()]
  }

  return {
    async all(fresh = false) {
      if (!fresh && known !== null && Date.now() - known.at < freshMs) return [...known.scopes.values()]
      if (fresh) return await readAll()
      reading ??= readAll().finally(() => (reading = null))
      return await reading
    },
    note(id, scope, at) {
      noted.set(id, { scope, at })
      if (known) put(known.scopes, id, scope)
    },
  }
}

function put(scopes: Map<string, Scope>, id: string, scope: Scope | null): void {
  if (scope) scopes.set(id, scope)
  else scopes.delete(id)
}
