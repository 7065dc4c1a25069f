/** What the contract is run with, on the twin and on an exported bundle. */
import type { ContractSamples } from "../contract-subject.ts"
import { splitGrantKey, type Fields, type ObjectKind } from "../objects.ts"
import { objects, other, publicKey, secretValue } from "../samples.fixture.ts"
import type { Application, State } from "./bundle.ts"
import { clientFields, isMachine, newApplication, scopesOf, withClientFields, wordOf } from "./objects.ts"

export const openiddictSamples: ContractSamples = {
  ...objects,
  other: {
    ...other,
    audience: { ...other.audience, token_format: "opaque" },
    client: {
      ...other.client,
      jwks: { keys: [await publicKey()] },
      auth_method: "private_key_jwt",
      token_ttl_seconds: 600,
    },
  },
  secretValue,
  ports: { write: true, secrets: "in_place", behind: true },
}

/** What an administrator does at the host by hand: descriptors without our mark. */
export function byHand(state: State, kind: ObjectKind, name: string, fields: Fields): State {
  if (kind === "client") {
    const before = state.applications.find(({ clientId }) => clientId === name) ?? newApplication(name)
    return {
      ...state,
      applications: [...others(state, name), withClientFields(before, { ...clientFields(before), ...fields })],
    }
  }
  if (kind === "audience") {
    const before = state.resources.find(({ identifier }) => identifier === name)
    const scopes = Array.isArray(fields.scopes) ? (fields.scopes as { name: string; description: string }[]) : []
    const own = scopesOf(state, name)
    return {
      ...state,
      resources: [
        ...state.resources.filter(({ identifier }) => identifier !== name),
        {
          displayNames: {},
          properties: {},
          ...before,
          identifier: name,
          displayName: typeof fields.name === "string" ? fields.name : "",
          tokenFormat: fields.token_format === "opaque" ? "reference" : "jwt",
        },
      ],
      scopes: [
        ...state.scopes.filter((one) => !own.includes(one)),
        ...scopes.map((one) => ({
          displayName: "",
          displayNames: {},
          descriptions: {},
          properties: { grantry: { scope: one.name } },
          ...own.find((known) => wordOf(known) === one.name),
          name: own.find((known) => wordOf(known) === one.name)?.name ?? `${name}/${one.name}`,
          description: one.description,
          resources: [name],
        })),
      ],
    }
  }
  const { client, audience } = splitGrantKey(name)
  const words = Array.isArray(fields.scopes) ? fields.scopes : []
  const own = scopesOf(state, audience)
  const held = (entry: Application) => entry.permissions.filter((one) => !own.some((s) => `scp:${s.name}` === one))
  return {
    ...state,
    applications: state.applications.map((entry) =>
      entry.clientId !== client || !isMachine(entry)
        ? entry
        : {
            ...entry,
            permissions: [...held(entry), ...own.filter((s) => words.includes(wordOf(s))).map((s) => `scp:${s.name}`)],
          },
    ),
  }
}

const others = (state: State, name: string) => state.applications.filter(({ clientId }) => clientId !== name)
