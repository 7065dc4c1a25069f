/** Where a test token is asked for, or what is still missing. Pure. */
interface Named {
  readonly id: string
  readonly name: string
}

interface Given<P extends Named> {
  /** Its name was given. */
  readonly named: boolean
  /** The client with the providers it stands on; null: not found; undefined: it is being read. */
  readonly client: { readonly name: string; readonly provider_ids: readonly string[] } | null | undefined
  readonly audience: boolean
  /** The provider that a person chose; null: where the client stands. */
  readonly chosen: string | null
  readonly providers: readonly P[]
}

/** `missing` is a sentence for the person, empty while there is only something to wait for. */
export function whereToAsk<P extends Named>(given: Given<P>): { provider: P | null; missing: string } {
  const { client, named, audience, chosen, providers } = given
  const stands = providers.filter((p) => client?.provider_ids.includes(p.id))
  const provider = providers.find((p) => p.id === chosen) ?? (stands.length === 1 ? stands[0] : undefined) ?? null
  const wanted = [...(named ? [] : ["a client"]), ...(audience ? [] : ["an audience"])]
  if (wanted.length > 0) return { provider, missing: `Choose ${wanted.join(" and ")}.` }
  if (provider || client === undefined) return { provider, missing: "" }
  const where = stands.length === 0 ? "no provider" : `${stands.length} providers`
  return { provider, missing: `${client ? `${client.name} stands on ${where}. ` : ""}Choose where to ask.` }
}
