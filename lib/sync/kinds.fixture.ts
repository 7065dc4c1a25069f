/** Started providers of the kinds that are pushed to, as the suites of sync take them: settings, an administrator's hand, and a count. */
import {
  behind as auth0Behind,
  publicKey as rsaKey,
  samples as auth0Samples,
  testTenant,
} from "../connectors/auth0/tenant.fixture.ts"
import { behind as cognitoBehind, samples as cognitoSamples, testPool } from "../connectors/cognito/pool.fixture.ts"
import type { Behind, ContractSamples } from "../connectors/contract-subject.ts"
import {
  behind as entraBehind,
  samples as entraSamples,
  testTenant as testEntra,
} from "../connectors/entra/tenant.fixture.ts"
import { fakeInitialToken, startFakeOidc } from "../connectors/fakes/oidc/server.ts"
import { startOpeniddictTwin, twinBundleToken, twinIntrospector } from "../connectors/fakes/openiddict/server.ts"
import { oidcSamples } from "../connectors/oidc/samples.fixture.ts"
import {
  behind as oktaBehind,
  publicKey as ecKey,
  samples as oktaSamples,
  testOrg,
} from "../connectors/okta/org.fixture.ts"
import { clientFields, everything } from "../connectors/openiddict/objects.ts"
import { byHand, openiddictSamples } from "../connectors/openiddict/samples.fixture.ts"
import type { Cannot, Memory } from "../connectors/port.ts"

export interface Subject {
  readonly settings: Readonly<Record<string, unknown>>
  readonly samples: ContractSamples
  /** An administrator's hand. `memory` is that of the provider as it is configured. */
  readonly behind: ((memory: Memory) => Behind) | Cannot
  /** How many things of each sort there are, whosesoever. */
  counts(): Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>
  /** Secrets that the provider holds in the clear. */
  readonly secrets?: () => readonly string[]
  /** Changes something that Grantry does not own on the client with this name. */
  readonly meddle: ((client: string) => Promise<void> | void) | Cannot
  stop(): Promise<void>
}

const sum = <T>(list: Iterable<T>, many: (one: T) => number): number =>
  [...list].reduce((total, one) => total + many(one), 0)

async function auth0(): Promise<Subject> {
  const tenant = await testTenant()
  const { clients, apis, grants, credentials } = tenant.fake.tenant
  return {
    settings: { ...tenant.fake.settings },
    samples: auth0Samples(await rsaKey("k1")),
    behind: (memory) => auth0Behind({ ...tenant, memory }),
    counts: () => ({
      clients: clients.size,
      apis: apis.size,
      grants: grants.size,
      credentials: sum(credentials.values(), (list) => list.length),
    }),
    meddle(name) {
      tenant.client(name).description = "theirs"
    },
    secrets: () => [...clients.values()].map(({ client_secret }) => client_secret),
    stop: () => tenant.fake.stop(),
  }
}

async function cognito(): Promise<Subject> {
  const pool = await testPool()
  const { clients, servers } = pool.fake.pool
  return {
    settings: { ...pool.fake.settings },
    samples: cognitoSamples,
    behind: () => cognitoBehind(pool),
    counts: () => ({
      clients: clients.size,
      servers: servers.size,
      scopes: sum(clients.values(), ({ settings }) => settings.AllowedOAuthScopes?.length ?? 0),
      secrets: sum(clients.values(), ({ secrets }) => secrets.length),
    }),
    meddle(name) {
      const client = pool.client(name)
      client.settings = { ...client.settings, RefreshTokenValidity: 7, NewerSetting: { Mode: "theirs" } }
    },
    secrets: () => [...clients.values()].flatMap(({ secrets }) => secrets.map(({ value }) => value)),
    stop: () => pool.fake.stop(),
  }
}

async function entra(): Promise<Subject> {
  const tenant = await testEntra()
  const { apps, principals, assignments, policies, links } = tenant.fake.tenant
  return {
    settings: { ...tenant.fake.settings },
    samples: entraSamples,
    behind: (memory) => entraBehind({ ...tenant, memory }),
    counts: () => ({
      apps: apps.size,
      principals: principals.size,
      assignments: assignments.size,
      policies: policies.size,
      links: links.size,
      passwords: sum(apps.values(), ({ now }) => now.passwordCredentials.length),
    }),
    meddle(name) {
      tenant.app(name).notes = "theirs"
    },
    secrets: () => [...apps.values()].flatMap(({ now }) => now.passwordCredentials.map(({ value }) => value)),
    stop: () => tenant.fake.stop(),
  }
}

async function okta(): Promise<Subject> {
  const org = await testOrg()
  const { apps, servers } = org.fake.org
  return {
    settings: { ...org.fake.settings },
    samples: oktaSamples(await ecKey("k1")),
    behind: () => oktaBehind(org),
    counts: () => ({
      apps: apps.size,
      secrets: sum(apps.values(), ({ secrets }) => secrets.length),
      servers: servers.size,
      scopes: sum(servers.values(), ({ scopes }) => scopes.length),
      policies: sum(servers.values(), ({ policies }) => policies.length),
      rules: sum(servers.values(), ({ policies }) => sum(policies, ({ rules }) => rules.length)),
    }),
    meddle(name) {
      const app = org.app(name)
      app.body = { ...app.body, accessibility: { selfService: true } }
    },
    secrets: () => [...apps.values()].flatMap(({ secrets }) => secrets.map(({ value }) => value)),
    stop: () => org.fake.stop(),
  }
}

async function oidc(): Promise<Subject> {
  const server = await startFakeOidc({ rotatesToken: true })
  return {
    settings: { issuer: server.url, initial_access_token: fakeInitialToken },
    samples: oidcSamples,
    behind: {
      cannot: "A registration is seen only by who holds its own access token: nobody else's doing shows.",
      source: "RFC 7592 section 2.1",
    },
    counts: () => ({ clients: server.clients.size }),
    meddle(name) {
      const theirs = [...server.clients.values()].find(
        ({ metadata }) => metadata.software_id === `urn:grantry:client:${name}`,
      )
      if (!theirs) throw new Error(`no registration of ${name}`)
      theirs.metadata.logo_uri = "https://theirs.example/logo.png"
    },
    secrets: () => [...server.clients.values()].flatMap(({ secret, token }) => [secret, token]),
    stop: server.stop,
  }
}

async function openiddict(): Promise<Subject> {
  const twin = await startOpeniddictTwin()
  return {
    settings: {
      issuer: twin.url,
      client_id: twinIntrospector.id,
      client_secret: twinIntrospector.secret,
      bundle_url: `${twin.url}/grantry`,
      bundle_token: twinBundleToken,
    },
    samples: openiddictSamples,
    behind: () => ({
      async create({ kind, key, fields }) {
        twin.administer((before) => byHand(before, kind, key, fields))
      },
      async change(kind, key, field, value) {
        twin.administer((before) => {
          const app = before.applications.find(({ clientId }) => clientId === key)
          const found = everything(before).find((one) => one.kind === kind && one.key === key)
          const now = kind === "client" && app ? clientFields(app) : (found?.fields ?? {})
          return byHand(before, kind, key, { ...now, [field]: value })
        })
      },
    }),
    counts() {
      const { applications, resources, scopes } = twin.state()
      const permissions = sum(applications, (one) => one.permissions.length)
      return { applications: applications.length, resources: resources.length, scopes: scopes.length, permissions }
    },
    meddle(name) {
      twin.administer((before) => ({
        ...before,
        applications: before.applications.map((one) =>
          one.clientId === name ? { ...one, displayNames: { de: "Von Hand" } } : one,
        ),
      }))
    },
    stop: twin.stop,
  }
}

/** Those that need nothing beside themselves; the local one and Keycloak are in test files of their own. */
export const subjects = {
  auth0,
  cognito,
  entra,
  okta,
  oidc,
  openiddict,
} satisfies Readonly<Record<string, () => Promise<Subject>>>
