/** What a provider is, beside its name: the kind is left out where the name says it already. */
export const placeOf = (p: { readonly name: string; readonly kind: string; readonly environment: string }): string =>
  p.name === p.kind ? p.environment : `${p.kind} · ${p.environment}`
