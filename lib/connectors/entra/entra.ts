import { spread } from "../../base/spread.ts"
import { secondMs } from "../../base/time.ts"
import { discover, endpointsOf } from "../discovery.ts"
import type { Connector, Opened } from "../port.ts"
import type { WritePort } from "../write-port.ts"
import { applications, type Applications } from "./applications.ts"
import { audiencesPort, uriOf, type Audiences } from "./audiences.ts"
import { changesPort } from "./changes.ts"
import { check } from "./check.ts"
import { clientOf, createClient, updateClient } from "./clients.ts"
import { eventsPort } from "./events.ts"
import { sessionOf } from "./graph.ts"
import { grantsPort, type Grants } from "./grants.ts"
import { lifetimes } from "./lifetime.ts"
import { readsAtOnce } from "./list.ts"
import { realSleep, type Sleep } from "./patience.ts"
import { project, reject, shape } from "./rules.ts"
import { secretsPort } from "./secrets.ts"
import { entraSettings, issuerOf, tokenEndpointOf } from "./settings.ts"
import { usesOf } from "./uses.ts"

/**
 * A write stays invisible to reads for seconds as a rule (providers.md 4.2). Nothing is doubled where it takes longer: an
 * upsert, a service principal and an assignment that are there already are found by the second try.
 */
const readLagMs = 5 * secondMs

/** The connector for one tenant of Microsoft Entra ID, over Graph v1.0. `sleep` is what waits for replication. */
export function openEntra(opened: Opened, sleep: Sleep = realSleep): Connector {
  const settings = entraSettings.parse(opened.settings)
  const session = sessionOf(opened, settings)
  const { graph } = session
  const own = { clientId: settings.client_id, instance: opened.providerId, tenantId: settings.tenant_id }
  const apps = applications(graph, own, sleep)
  const audiences = audiencesPort(apps, lifetimes(graph, sleep), own)
  const issuer = issuerOf(settings)
  const endpoints = async () => ({
    ...endpointsOf(issuer, await discover(opened.fetch, { issuer })),
    introspectionEndpoint: null,
  })
  return {
    kind: "entra",
    check: () => check(opened.fetch, session, endpoints),
    endpoints,
    reject,
    project,
    shape: (desired) => shape(desired, settings.tenant_id),
    clientIdOf: ({ remoteId }) => remoteId,
    async tokenRequest(audience) {
      const entry = await apps.find("audience", audience)
      // One resource for each request, and always all roles that are granted on it (providers.md 4.8).
      const scope = `${entry ? uriOf(audience, entry.app) : audience}/.default`
      return { tokenEndpoint: tokenEndpointOf(settings), issuer, parameters: { scope } }
    },
    write: writePort(apps, audiences, grantsPort(graph, apps, sleep), own.instance),
    secrets: secretsPort(graph, apps, usesOf(graph), sleep),
    introspection: {
      cannot: "Entra has no introspection endpoint: its JWTs are verified with the tenant's keys.",
      source: "The tenant's discovery document, which names no introspection_endpoint",
    },
    events: eventsPort(graph, opened.memory),
    changes: changesPort(graph, apps, settings.client_id),
  }
}

function writePort(apps: Applications, audiences: Audiences, grants: Grants, instance: string): WritePort {
  return {
    readLagMs,
    async observe() {
      const directory = await apps.directory()
      return [
        ...(await spread([...directory.audience], readsAtOnce, ([key, entry]) => audiences.objectOf(key, entry))),
        ...[...directory.client].map(([key, entry]) => clientOf(key, entry, instance)),
        ...(await grants.observe(directory)),
      ]
    },
    async find(kind, key) {
      if (kind === "grant") return await grants.find(key)
      const entry = await apps.find(kind, key)
      if (!entry) return null
      return kind === "client" ? clientOf(key, entry, instance) : await audiences.objectOf(key, entry)
    },
    async create(object, marker) {
      if (object.kind === "grant") return await grants.create(object)
      return object.kind === "client"
        ? await createClient(apps, object, marker, instance)
        : await audiences.create(object, marker)
    },
    async update(remoteId, object, changes) {
      if (object.kind === "grant") return await grants.update(remoteId, object)
      return object.kind === "client"
        ? await updateClient(apps, remoteId, object, changes, instance)
        : await audiences.update(remoteId, object, changes)
    },
    async remove(kind, remoteId) {
      if (kind === "grant") return await grants.remove(remoteId)
      return kind === "client" ? await apps.remove(remoteId, "remove client") : await audiences.remove(remoteId)
    },
  }
}
