import { discover, endpointsOf } from "../discovery.ts"
import type { Connector, Opened } from "../port.ts"
import type { WritePort } from "../write-port.ts"
import { apiOf } from "./api.ts"
import { audienceOf, audiencesPort, type Audiences } from "./audiences.ts"
import { changesPort } from "./changes.ts"
import { check } from "./check.ts"
import { clientOf, clientsPort, type Clients } from "./clients.ts"
import { eventsPort } from "./events.ts"
import { grantsPort, type Grants } from "./grants.ts"
import { wireScope } from "./names.ts"
import { project, reject, shape } from "./rules.ts"
import { notesOf } from "./notes.ts"
import { secretsPort } from "./secrets.ts"
import { cognitoSettings, issuerOf } from "./settings.ts"

/** The connector for one Cognito user pool. Settings: `cognitoSettings`. */
export function openCognito(opened: Opened): Connector {
  const settings = cognitoSettings.parse(opened.settings)
  const { user_pool_id: poolId, access_key_id: ownKey } = settings
  const api = apiOf(opened, settings)
  const notes = notesOf(opened.memory)
  const audiences = audiencesPort(api)
  const clients = clientsPort(api, notes, audiences.existing)
  const issuer = issuerOf(settings)
  const endpoints = async () => ({
    ...endpointsOf(issuer, await discover(opened.fetch, { issuer })),
    introspectionEndpoint: null,
  })
  return {
    kind: "cognito",
    check: () => check(opened.fetch, api, endpoints),
    endpoints,
    reject,
    project,
    shape,
    clientIdOf: ({ remoteId }) => remoteId,
    async tokenRequest(audience, scopes) {
      const { tokenEndpoint } = await endpoints()
      const scope = scopes.map((name) => wireScope(audience, name)).join(" ")
      return { tokenEndpoint, issuer, parameters: { scope } }
    },
    write: writePort(clients, audiences, grantsPort(clients, audiences)),
    secrets: secretsPort(api, clients, notes),
    introspection: {
      cannot: "Cognito has no introspection endpoint: its tokens are JWTs and are verified with the keys of the pool.",
      source: "Cognito developer guide, user pool endpoints; no introspection_endpoint in the discovery document",
    },
    events: eventsPort(api, poolId),
    changes: changesPort(api, poolId, ownKey),
  }
}

/** One step at a time: several grants are one list on one client, and a pool takes five writes a second. */
function writePort(clients: Clients, audiences: Audiences, grants: Grants): WritePort {
  return {
    async observe() {
      const servers = await audiences.all()
      const directory = await clients.all()
      return [
        ...servers.map(audienceOf),
        ...[...directory].map(([key, client]) => clientOf(key, client)),
        ...grants.observe(directory, servers),
      ]
    },
    async find(kind, key) {
      if (kind === "audience") return await audiences.find(key)
      return kind === "client" ? await clients.find(key) : await grants.find(key)
    },
    async create(object, marker) {
      if (object.kind === "audience") return await audiences.create(object)
      return object.kind === "client" ? await clients.create(object, marker) : await grants.create(object)
    },
    async update(remoteId, object, changes) {
      if (object.kind === "audience") return await audiences.update(remoteId, changes)
      return object.kind === "client"
        ? await clients.update(remoteId, object, changes)
        : await grants.update(remoteId, object)
    },
    async remove(kind, remoteId, key) {
      if (kind === "audience") return await audiences.remove(remoteId)
      return kind === "client" ? await clients.remove(remoteId, key) : await grants.remove(remoteId)
    },
  }
}
