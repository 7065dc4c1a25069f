/** The pool itself and its resource servers. */
import { inputOf, listServers, oneServer, refusal, writtenServer } from "./law.ts"
import { pageOf, type FakePool, type FakeServer } from "./state.ts"

type Operation = (pool: FakePool, input: unknown) => object

export const serverOperations: Readonly<Record<string, Operation>> = {
  DescribeUserPool: (pool) => ({
    UserPool: {
      Id: pool.id,
      Name: "fake",
      ...(pool.modes.hasDomain ? { Domain: "fake" } : {}),
      EstimatedNumberOfUsers: 0,
    },
  }),
  ListResourceServers(pool, input) {
    const { items, next } = pageOf(
      [...pool.servers.values()],
      ({ identifier }) => identifier,
      inputOf(input, listServers),
    )
    return { ResourceServers: items.map((server) => shown(pool, server)), NextToken: next }
  },
  DescribeResourceServer: (pool, input) => ({
    ResourceServer: shown(pool, serverAt(pool, inputOf(input, oneServer).Identifier)),
  }),
  CreateResourceServer(pool, input) {
    const { Identifier: identifier, Name: name, Scopes: scopes } = inputOf(input, writtenServer)
    if (pool.servers.has(identifier))
      throw refusal("InvalidParameterException", `${identifier} already exists in user pool ${pool.id}.`)
    if (pool.servers.size >= pool.modes.serversMax)
      throw refusal("LimitExceededException", "Maximum number of resource servers reached for the user pool.")
    const server = { identifier, name, scopes }
    pool.servers.set(identifier, server)
    return { ResourceServer: shown(pool, server) }
  },
  /** Sets name and scopes as a whole. A scope that is gone stays on the clients that had it, and is issued no more. */
  UpdateResourceServer(pool, input) {
    const { Identifier: identifier, Name: name, Scopes: scopes } = inputOf(input, writtenServer)
    const server = serverAt(pool, identifier)
    server.name = name
    server.scopes = scopes
    return { ResourceServer: shown(pool, server) }
  },
  DeleteResourceServer(pool, input) {
    pool.servers.delete(serverAt(pool, inputOf(input, oneServer).Identifier).identifier)
    return {}
  },
}

function serverAt({ servers }: FakePool, identifier: string): FakeServer {
  const server = servers.get(identifier)
  if (!server) throw refusal("ResourceNotFoundException", `Resource server ${identifier} does not exist.`)
  return server
}

const shown = ({ id, modes }: FakePool, { identifier, name, scopes }: FakeServer) => ({
  UserPoolId: id,
  Identifier: identifier,
  Name: modes.nulls ? null : name,
  Scopes: modes.nulls ? null : scopes,
})
