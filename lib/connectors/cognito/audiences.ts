import type { Json } from "../../base/json.ts"
import { scopesIn, textOf } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import type { DesiredObject, FieldChange, RemoteObject } from "../objects.ts"
import { goneIsDone, orNull } from "../gone.ts"
import type { Api } from "./api.ts"
import { listAll } from "./list.ts"
import { isOurServer, plainServerName, serverName, wireScope } from "./names.ts"
import { remoteServer, serverAnswer, type RemoteServer } from "./shapes.ts"

const serversPerPage = 50

export interface Audiences {
  /** Every resource server but Cognito's own. */
  all(): Promise<readonly RemoteServer[]>
  byIdentifier(identifier: string): Promise<RemoteServer | null>
  /** Those of these wire scopes that a resource server has. One without a slash is Cognito's own, and always there. */
  existing(scopes: readonly string[]): Promise<readonly string[]>
  find(identifier: string): Promise<RemoteObject | null>
  create(object: DesiredObject): Promise<RemoteObject>
  update(remoteId: string, changes: readonly FieldChange[]): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
}

/** Resource servers. The identifier is their natural key and never changes; our mark is the end of the name. */
export function audiencesPort(api: Api): Audiences {
  const read = async (identifier: string): Promise<RemoteServer> =>
    (
      await api(
        {
          step: "read resource server",
          kind: "read",
          operation: "DescribeResourceServer",
          input: { Identifier: identifier },
        },
        serverAnswer,
      )
    ).ResourceServer

  async function byIdentifier(identifier: string): Promise<RemoteServer | null> {
    const found = await orNull(read(identifier))
    return found && isOfPeople(found) ? found : null
  }

  async function all(): Promise<readonly RemoteServer[]> {
    const list = { step: "list resource servers", operation: "ListResourceServers", member: "ResourceServers" }
    const servers = await listAll(api, { ...list, input: { MaxResults: serversPerPage } }, remoteServer)
    return servers.filter(isOfPeople)
  }

  return {
    all,
    byIdentifier,
    async existing(scopes) {
      const there = new Set(
        (await all()).flatMap(({ Identifier, Scopes }) =>
          Scopes.map(({ ScopeName }) => wireScope(Identifier, ScopeName)),
        ),
      )
      return scopes.filter((scope) => there.has(scope) || !scope.includes("/"))
    },
    async find(identifier) {
      const found = await byIdentifier(identifier)
      return found && audienceOf(found)
    },
    async create({ key, fields }) {
      const step = "create resource server"
      const taken = () =>
        new ConnectorError("conflict", step, "A resource server with this identifier is there already.")
      if ((await byIdentifier(key)) !== null) throw taken()
      const input = { Identifier: key, Name: serverName(textOf(fields.name)), Scopes: scopesOf(fields.scopes) }
      return await api({ step, kind: "create", operation: "CreateResourceServer", input }, serverAnswer).then(
        ({ ResourceServer }) => audienceOf(ResourceServer),
        async (error: unknown) => {
          // AWS calls a taken identifier an invalid parameter, as it calls much else.
          const refused = error instanceof ConnectorError && error.code === "invalid"
          throw refused && (await byIdentifier(key)) !== null ? taken() : error
        },
      )
    },
    async update(remoteId, changes) {
      const step = "update resource server"
      const now = await read(remoteId)
      const to = new Map(changes.map((one) => [one.field, one.to]))
      const name = to.get("name")
      // What is left out would be reset, scopes among it.
      const { UserPoolId: _pool, ManagedBy: _managed, ...kept } = now
      const input = {
        ...kept,
        Name: typeof name === "string" ? (isOurServer(now.Name) ? serverName(name) : name) : (now.Name ?? remoteId),
        Scopes: to.has("scopes") ? scopesOf(to.get("scopes")) : now.Scopes,
      }
      const done = await api({ step, kind: "write", operation: "UpdateResourceServer", input }, serverAnswer)
      return audienceOf(done.ResourceServer)
    },
    remove: (remoteId) =>
      goneIsDone(
        api(
          {
            step: "remove resource server",
            kind: "write",
            operation: "DeleteResourceServer",
            input: { Identifier: remoteId },
          },
          null,
        ),
      ),
  }
}

const isOfPeople = ({ ManagedBy }: RemoteServer): boolean => ManagedBy !== "COGNITO"

/** A description is required; where we have none, the scope's own name stands there. */
const scopesOf = (value: Json | undefined): readonly { ScopeName: string; ScopeDescription: string }[] =>
  scopesIn(value).map(({ name, description }) => ({ ScopeName: name, ScopeDescription: description || name }))

export function audienceOf({ Identifier, Name, Scopes }: RemoteServer): RemoteObject {
  const scopes = Scopes.map(({ ScopeName: name, ScopeDescription: description }) => ({
    name,
    description: description === null || description === name ? "" : description,
  }))
  return {
    kind: "audience",
    key: Identifier,
    remoteId: Identifier,
    marked: isOurServer(Name),
    fields: {
      ...(Name === null ? {} : { name: plainServerName(Name) }),
      scopes: scopes.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    },
    ...(Name === null ? { unknown: ["name"] } : {}),
  }
}
