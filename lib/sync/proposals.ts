/** Audiences that nobody can see on a provider that holds none: proposed from the grants that name them. Pure. */
import { splitGrantKey, type RemoteObject } from "../connectors/objects.ts"
import { scopeNames } from "./normal.ts"

/** It stands nowhere, so it has no remote id and gets no placement. */
export const isProposal = ({ kind, remoteId }: RemoteObject): boolean => kind === "audience" && remoteId === ""

/** What was found, and for every audience that is only named by grants one with the scopes that they name. */
export function withProposals(remote: readonly RemoteObject[]): readonly RemoteObject[] {
  const seen = new Set(remote.filter(({ kind }) => kind === "audience").map(({ key }) => key))
  const named = Map.groupBy(
    remote.filter(({ kind, key }) => kind === "grant" && !seen.has(splitGrantKey(key).audience)),
    ({ key }) => splitGrantKey(key).audience,
  )
  const proposals = [...named].map(([key, grants]): RemoteObject => {
    const scopes = [...new Set(grants.flatMap(({ fields }) => scopeNames(fields)))].sort((a, b) => (a < b ? -1 : 1))
    return {
      kind: "audience",
      key,
      remoteId: "",
      marked: false,
      fields: { name: key, scopes: scopes.map((name) => ({ name, description: "" })) },
    }
  })
  return [...proposals, ...remote]
}
