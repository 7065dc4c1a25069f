import { discover, endpointsOf } from "../discovery.ts"
import type { DesiredObject } from "../objects.ts"
import type { Connector, Opened } from "../port.ts"
import type { WritePort } from "../write-port.ts"
import { sessionOf } from "./api.ts"
import { audienceOf, audiencesPort, type Audiences } from "./audiences.ts"
import { changesPort } from "./changes.ts"
import { check } from "./check.ts"
import { clientsPort, type Clients } from "./clients.ts"
import { eventsPort } from "./events.ts"
import { grantsPort, type Grants } from "./grants.ts"
import { keysPort } from "./keys.ts"
import { project, reject, shape } from "./rules.ts"
import { secretsPort } from "./secrets.ts"
import { auth0Settings, managementAudience } from "./settings.ts"

/** The connector for one Auth0 tenant, over its Management API v2. Settings: `auth0Settings`. */
export function openAuth0(opened: Opened): Connector {
  const settings = auth0Settings.parse(opened.settings)
  const { base_url: baseUrl, client_id: ownClientId } = settings
  const session = sessionOf(opened, settings)
  const { api } = session
  const clients = clientsPort(api, keysPort(api, opened.memory), ownClientId)
  const audiences = audiencesPort(api)
  const issuer = `${baseUrl}/`
  const endpoints = async () => ({
    ...endpointsOf(issuer, await discover(opened.fetch, { issuer })),
    introspectionEndpoint: null,
  })
  return {
    kind: "auth0",
    check: () => check(opened.fetch, session, endpoints),
    endpoints,
    reject: (desired: readonly DesiredObject[]) => reject(desired, managementAudience(baseUrl)),
    project,
    shape,
    clientIdOf: ({ remoteId }) => remoteId,
    tokenRequest: async (audience) => ({
      tokenEndpoint: `${baseUrl}/oauth/token`,
      issuer,
      // A token carries every scope of the client's grant; the parameter names the API (providers.md 2.2).
      parameters: { audience },
    }),
    write: writePort(clients, audiences, grantsPort(api, clients, audiences, ownClientId)),
    secrets: secretsPort(api, clients),
    introspection: {
      cannot:
        "Auth0 has no introspection endpoint: its JWTs are verified with its keys, and opaque tokens cannot be checked by others.",
      source: "Auth0 discovery document, which names no introspection_endpoint",
    },
    events: eventsPort(api),
    changes: changesPort(api, ownClientId),
  }
}

function writePort(clients: Clients, audiences: Audiences, grants: Grants): WritePort {
  return {
    async observe() {
      const apis = await audiences.all()
      const directory = await clients.all()
      return [
        ...apis.map(audienceOf),
        ...(await clients.observe(directory)),
        ...(await grants.observe(directory, apis)),
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
    async remove(kind, remoteId) {
      if (kind === "audience") return await audiences.remove(remoteId)
      return kind === "client" ? await clients.remove(remoteId) : await grants.remove(remoteId)
    },
  }
}
