/** A fake tenant as the contract suite and the tests of Auth0's own laws take it. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, exportSPKI } from "jose"
import { canonicalJson, isObject, type Json } from "../../base/json.ts"
import { guardedFetch, type GuardedFetch } from "../../base/http.ts"
import type { Behind, ContractProvider, ContractSamples } from "../contract-subject.ts"
import { startFakeAuth0, type FakeAuth0 } from "../fakes/auth0/fake.ts"
import { mergeMetadata, newId, newSecret, type FakeApi, type FakeClient, type FakeGrant } from "../fakes/auth0/state.ts"
import { testOpened } from "../memory.fixture.ts"
import { splitGrantKey } from "../objects.ts"
import type { Connector, Memory } from "../port.ts"
import { objects, other, secretValue, withFields } from "../samples.fixture.ts"
import { openAuth0 } from "./auth0.ts"

export const localFetch: GuardedFetch = guardedFetch({ allowHosts: ["127.0.0.1"] })

export interface TestTenant {
  readonly fake: FakeAuth0
  readonly memory: Memory
  open(fetch?: GuardedFetch): Connector
  /** The client that stands under this name of ours. */
  client(key: string): FakeClient
}

export async function testTenant(): Promise<TestTenant> {
  const fake = await startFakeAuth0()
  const opened = testOpened()
  return {
    fake,
    memory: opened.memory,
    open: (fetch = localFetch) => openAuth0({ providerId: "p1", settings: { ...fake.settings }, fetch, ...opened }),
    client(key) {
      const found = [...fake.tenant.clients.values()].find((one) => one.client_metadata.grantry_name === key)
      if (!found) throw new Error(`no client ${key} in the fake`)
      return found
    },
  }
}

/** A fresh public RSA key, as a service would publish it. */
export async function publicKey(kid: string): Promise<{ readonly [member: string]: Json }> {
  const { publicKey: key } = await generateKeyPair("RS256", { extractable: true })
  const { kty = "", n = "", e = "" } = await exportJWK(key)
  return { kty, n, e, kid, alg: "RS256" }
}

export const samples = (key: Json): ContractSamples => ({
  ...objects,
  client: withFields(objects.client, { auth_method: "client_secret_post" }),
  other: {
    ...other,
    audience: { ...other.audience, token_ttl_seconds: 600, signing_alg: "PS256" },
    client: { ...other.client, auth_method: "private_key_jwt", jwks: { keys: [key] } },
  },
  secretValue,
  refused: "access_denied",
  ports: { write: true, secrets: "in_place", behind: true },
})

/** What an administrator of the tenant does, with Auth0's own words. */
export function behind(tenant: TestTenant): Behind {
  const { fake, memory } = tenant
  const { clients, apis, grants, credentials } = fake.tenant
  return {
    async create({ kind, key, fields }) {
      if (kind === "audience") {
        const api: FakeApi = {
          id: newId("", 24),
          identifier: key,
          name: String(fields.name),
          is_system: false,
          scopes: scopesOf(fields.scopes),
          signing_alg: String(fields.signing_alg),
          token_lifetime: Number(fields.token_ttl_seconds),
          token_dialect: "access_token",
          subject_type_authorization: {},
        }
        apis.set(api.id, api)
      } else if (kind === "client") {
        const client_id = newId()
        clients.set(client_id, {
          client_id,
          name: String(fields.display_name),
          description: "",
          app_type: "non_interactive",
          is_first_party: true,
          oidc_conformant: true,
          grant_types: fields.enabled === true ? ["client_credentials"] : [],
          token_endpoint_auth_method: String(fields.auth_method),
          client_authentication_methods: null,
          client_metadata: { grantry_name: key, grantry_owner: String(fields.owner) },
          jwt_configuration: { alg: "RS256", lifetime_in_seconds: 36_000 },
          global: false,
          client_secret: newSecret(),
          previous: null,
        })
      } else {
        const { client, audience } = splitGrantKey(key)
        const grant: FakeGrant = {
          id: newId("cgr_", 16),
          client_id: tenant.client(client).client_id,
          audience,
          scope: (fields.scopes as readonly string[]).slice(),
          subject_type: "client",
          allow_all_scopes: false,
          is_system: false,
        }
        grants.set(grant.id, grant)
      }
    },
    async change(kind, key, field, value) {
      if (kind === "audience") {
        const api = [...apis.values()].find(({ identifier }) => identifier === key)
        if (!api) throw new Error(`no API ${key} in the fake`)
        if (field === "name") api.name = `${String(value)} [grantry]`
        if (field === "scopes") api.scopes = scopesOf(value)
        if (field === "token_ttl_seconds") api.token_lifetime = Number(value)
        if (field === "signing_alg") api.signing_alg = String(value)
      } else if (kind === "grant") {
        const { client, audience } = splitGrantKey(key)
        const { client_id } = tenant.client(client)
        const grant = [...grants.values()].find((one) => one.client_id === client_id && one.audience === audience)
        if (grant) grant.scope = (value as readonly string[]).slice()
      } else {
        const client = tenant.client(key)
        if (field === "display_name") client.name = String(value)
        if (field === "owner") mergeMetadata(client, { grantry_owner: String(value) })
        if (field === "enabled") client.grant_types = value === true ? ["client_credentials"] : []
        if (field === "auth_method") {
          client.token_endpoint_auth_method = null
          client.client_authentication_methods = { private_key_jwt: { credentials: [] } }
        }
        if (field === "jwks") {
          const made = await Promise.all(keysIn(value).map((jwk) => foreignCredential(jwk)))
          credentials.set(client.client_id, made)
          client.client_authentication_methods = { private_key_jwt: { credentials: made.map(({ id }) => ({ id })) } }
          // Auth0 never tells a key again: this one another Grantry put there, so that ours may know it.
          for (const [i, { id }] of made.entries())
            await memory.write(`credential:${id}`, canonicalJson(keysIn(value)[i]))
        }
      }
    },
  }
}

const keysIn = (value: Json) => (isObject(value) && Array.isArray(value.keys) ? value.keys.filter(isObject) : [])

const scopesOf = (value: Json | undefined) =>
  (Array.isArray(value) ? value.filter(isObject) : []).map(({ name, description }) => ({
    value: String(name),
    description: String(description),
  }))

/** A public key as an administrator uploads it in the dashboard. */
export async function foreignCredential(jwk: Readonly<Record<string, unknown>>) {
  const key = await importJWK({ ...jwk }, "RS256", { extractable: true })
  if (key instanceof Uint8Array) throw new Error("not a public key")
  return {
    id: newId("cred_", 22),
    name: "uploaded by hand",
    kid: typeof jwk.kid === "string" ? jwk.kid : await calculateJwkThumbprint({ ...jwk, kty: "RSA" }),
    alg: "RS256",
    pem: await exportSPKI(key),
    credential_type: "public_key" as const,
    created_at: "2026-11-01T00:00:00.000Z",
    expires_at: null,
  }
}

export async function contractTenant(tenant: TestTenant): Promise<ContractProvider> {
  const { fake } = tenant
  return {
    connector: (fetch) => tenant.open(fetch),
    fetch: localFetch,
    ourToken: (url) => url.endsWith("/oauth/token"),
    settle: async () => fake.clock.advance(31_000),
    behind: behind(tenant),
    async tokenError(client_id, client_secret, request) {
      const fields = { grant_type: "client_credentials", client_id, client_secret, ...request.parameters }
      const answer = await localFetch(request.tokenEndpoint, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(fields).toString(),
      })
      const body: unknown = JSON.parse(answer.text)
      return isObject(body) && typeof body.error === "string" ? body.error : null
    },
    stop: () => fake.stop(),
  }
}
