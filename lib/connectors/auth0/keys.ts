import { createPublicKey, type JsonWebKey } from "node:crypto"
import { calculateJwkThumbprint } from "jose"
import { z } from "zod"
import { canonicalJson, isObject, type Json } from "../../base/json.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Memory } from "../port.ts"
import { goneIsDone } from "../gone.ts"
import type { Api } from "./api.ts"
import { remoteCredential, type RemoteCredential } from "./shapes.ts"

/** A client has at most two credentials at a time (providers.md 2.2). */
export const liveKeysMax = 2
/** Management API: PublicKeyCredentialAlgorithmEnum. */
export const keyAlgs = ["RS256", "RS384", "PS256"] as const
/** Management API: `kid` of a credential. */
export const kidPattern = /^[0-9a-zA-Z_-]{10,64}$/

type Jwk = Readonly<Record<string, Json>>

/** The keys of a JWK set (RFC 7517 section 5), or none. */
export function keysOf(jwks: Json | undefined): readonly Jwk[] {
  const keys = isObject(jwks) ? jwks.keys : null
  return Array.isArray(keys) ? keys.filter((key): key is Jwk => isObject(key)) : []
}

interface Wanted {
  readonly jwk: Jwk
  readonly kid: string
  readonly alg: string
  /** Names the key at Auth0 (RFC 7638), so that a lost answer is found again. */
  readonly name: string
}

/**
 * Public keys of clients that use private_key_jwt. Auth0 takes a key and tells only its id, kid and algorithm from then on,
 * so the key behind each credential is remembered here; one that a stranger added shows as what Auth0 tells of it.
 */
export interface Keys {
  /** The JWK set behind these credentials; null for none. */
  read(clientId: string, ids: readonly string[]): Promise<Json>
  /** Credentials as they stand in a create body. */
  bodies(jwks: Json | undefined): Promise<readonly Record<string, unknown>[]>
  /** Remembers the keys of a client that was just created with them. */
  settle(clientId: string, jwks: Json | undefined): Promise<void>
  /**
   * Brings the wanted keys to the client and hands their credential ids to `assign`, which makes them the client's own. A
   * key in use ends only after its successor is assigned, except where both places are taken by keys that are not wanted.
   */
  replace(clientId: string, jwks: Json | undefined, assign: (ids: readonly string[]) => Promise<void>): Promise<void>
  /** Ends every credential of a client that went back to a secret. */
  clear(clientId: string): Promise<void>
}

const slot = (id: string): string => `credential:${id}`

export function keysPort(api: Api, memory: Memory): Keys {
  const path = (clientId: string, id?: string): string =>
    `/clients/${encodeURIComponent(clientId)}/credentials${id === undefined ? "" : `/${encodeURIComponent(id)}`}`
  const list = (clientId: string): Promise<readonly RemoteCredential[]> =>
    api({ step: "list keys", kind: "read", method: "GET", path: path(clientId) }, z.array(remoteCredential))
  const remember = (id: string, { jwk }: Wanted) => memory.write(slot(id), canonicalJson(jwk))

  async function drop(clientId: string, id: string): Promise<void> {
    await goneIsDone(api({ step: "remove key", kind: "write", method: "DELETE", path: path(clientId, id) }, null))
    await memory.write(slot(id), null)
  }

  return {
    async read(clientId, ids) {
      if (ids.length === 0) return null
      const known = await Promise.all(ids.map((id) => recall(memory, id)))
      const told = known.includes(null) ? await list(clientId) : []
      return { keys: ids.map((id, i) => known[i] ?? stranger(told.find((one) => one.id === id))) }
    },
    bodies: async (jwks) => (await wantedOf(jwks)).map(bodyOf),
    async settle(clientId, jwks) {
      const wanted = await wantedOf(jwks)
      const there = wanted.length === 0 ? [] : await list(clientId)
      for (const one of wanted) {
        const found = there.find((credential) => isSame(credential, one))
        if (found) await remember(found.id, one)
      }
    },
    async replace(clientId, jwks, assign) {
      const wanted = await wantedOf(jwks)
      let there = await list(clientId)
      const kept = () => there.filter((credential) => wanted.some((one) => isSame(credential, one)))
      for (const one of wanted) {
        const found = there.find((credential) => isSame(credential, one))
        if (found) {
          await remember(found.id, one)
          continue
        }
        const spare = there.length < liveKeysMax ? null : there.find((credential) => !kept().includes(credential))
        if (spare) {
          const rest = there.filter((credential) => credential !== spare)
          await assign(rest.map(({ id }) => id))
          await drop(clientId, spare.id)
          there = rest
        }
        const made = await api(
          { step: "add key", kind: "create", method: "POST", path: path(clientId), json: bodyOf(one) },
          remoteCredential,
        )
        await remember(made.id, one)
        there = [...there, { ...made, name: one.name, kid: one.kid, alg: one.alg }]
      }
      await assign(kept().map(({ id }) => id))
      for (const { id } of there.filter((credential) => !kept().includes(credential))) await drop(clientId, id)
    },
    async clear(clientId) {
      for (const { id } of await list(clientId)) await drop(clientId, id)
    },
  }
}

const remembered = z.record(z.string(), z.json())

async function recall(memory: Memory, id: string): Promise<Json | null> {
  const text = await memory.read(slot(id))
  return text === null ? null : remembered.parse(JSON.parse(text))
}

/** What Auth0 tells of a key that was not put there from here. */
const stranger = (told: RemoteCredential | undefined): Json => ({ kid: told?.kid ?? null, alg: told?.alg ?? null })

const isSame = (credential: RemoteCredential, { name, kid, alg }: Wanted): boolean =>
  credential.name === name && credential.kid === kid && credential.alg === alg

const bodyOf = ({ jwk, kid, alg, name }: Wanted): Record<string, unknown> => ({
  credential_type: "public_key",
  name,
  pem: pemOf(jwk),
  alg,
  kid,
})

const wantedOf = (jwks: Json | undefined): Promise<readonly Wanted[]> =>
  Promise.all(
    keysOf(jwks).map(async (jwk) => {
      const thumbprint = await calculateJwkThumbprint(jwk as JsonWebKey & { kty: string })
      return {
        jwk,
        kid: typeof jwk.kid === "string" ? jwk.kid : thumbprint,
        alg: typeof jwk.alg === "string" ? jwk.alg : "RS256",
        name: `grantry ${thumbprint}`,
      }
    }),
  )

function pemOf(jwk: Jwk): string {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: "jwk" })
      .export({ type: "spki", format: "pem" })
      .toString()
  } catch (cause) {
    throw new ConnectorError("invalid", "add key", "This is not a public key that can be read.", { cause })
  }
}
