import { spread } from "../../base/spread.ts"
import { discover, endpointsOf } from "../discovery.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Connector, Endpoints, Opened } from "../port.ts"
import type { WritePort } from "../write-port.ts"
import { readsAtOnce, sessionOf } from "./api.ts"
import { clientOf } from "./app.ts"
import { audienceOf, audiencesPort, type Audiences } from "./audiences.ts"
import { changesPort } from "./changes.ts"
import { check } from "./check.ts"
import { clientsPort, type Clients } from "./clients.ts"
import { eventsPort } from "./events.ts"
import { grantsPort, type Grants } from "./grants.ts"
import { issuerOf } from "./issuer.ts"
import { project, reject, shape } from "./rules.ts"
import { secretNotes } from "./secret-notes.ts"
import { secretsPort } from "./secrets.ts"
import { oktaSettings } from "./settings.ts"

/** The connector for one Okta org, over its Management API. Settings: `oktaSettings`. `now` is the clock, for tests. */
export function openOkta(opened: Opened, now: () => Date = () => new Date()): Connector {
  const settings = oktaSettings.parse(opened.settings)
  const { authorization_server_id: bound } = settings
  const ownClientId = settings.api_token === undefined ? settings.client_id : undefined
  const session = sessionOf(opened, settings, now)
  const clients = clientsPort(session, ownClientId, secretNotes(opened.memory).forget, now)
  const audiences = audiencesPort(session, bound)
  const grants = grantsPort(session, audiences)
  const issuer = issuerOf(settings)
  const endpoints = async (): Promise<Endpoints> => endpointsOf(issuer, await discover(opened.fetch, { issuer }))
  return {
    kind: "okta",
    check: () => check({ fetch: opened.fetch, session, audiences, grants, endpoints }),
    endpoints,
    reject: (desired) => reject(desired, bound !== undefined),
    project,
    shape,
    clientIdOf: ({ key }) => key,
    async tokenRequest(audience, scopes) {
      const server = await audiences.byKey(audience)
      if (!server)
        throw new ConnectorError(
          "not_found",
          "token request",
          "The authorization server of this audience is not there.",
        )
      const own = server.issuer ?? `${settings.base_url}/oauth2/${server.id}`
      return {
        tokenEndpoint: `${own}/v1/token`,
        issuer: own,
        parameters: scopes.length === 0 ? {} : { scope: scopes.join(" ") },
      }
    },
    write: writePort(clients, audiences, grants),
    secrets: secretsPort(session, clients, opened, now),
    introspection: {
      cannot:
        "Each authorization server introspects only what it minted itself, for a client of its own; the app by which Grantry logs in is none. Ask as a client.",
      source: "Okta OpenID Connect & OAuth 2.0 API, Introspect a token",
    },
    events: eventsPort(session, now),
    changes: changesPort(session, ownClientId, now),
  }
}

function writePort(clients: Clients, audiences: Audiences, grants: Grants): WritePort {
  const port = { audience: audiences, client: clients, grant: grants }
  return {
    parallel: 4,
    async observe() {
      const servers = await audiences.all()
      const apps = await clients.all()
      const seen = await spread([...servers], readsAtOnce, async ([key, server]) =>
        audienceOf(key, server, await audiences.scopesOf(server)),
      )
      return [...seen, ...apps.map(clientOf), ...(await grants.observe(servers))]
    },
    async find(kind, key) {
      if (kind !== "client") return await port[kind].find(key)
      const app = await clients.byKey(key)
      return app && clientOf(app)
    },
    create: (object, marker) => port[object.kind].create(object, marker),
    async update(remoteId, object, changes) {
      if (object.kind === "grant") return await grants.update(remoteId, object)
      return object.kind === "client"
        ? await clients.update(remoteId, changes)
        : await audiences.update(remoteId, object, changes)
    },
    remove: (kind, remoteId) => port[kind].remove(remoteId),
  }
}
