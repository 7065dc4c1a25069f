import { staleEtag } from "./errors.ts"

/** Refuses with 412 when the caller read another version than the one that stands. Null: the caller did not say. */
export function requireVersion(ifMatch: number | null, current: number): void {
  if (ifMatch !== null && ifMatch !== current) throw staleEtag(`"${current}"`)
}
