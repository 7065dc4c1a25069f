/** The samples of the contract, and what an administrator does to the local IdP by hand. */
import { randomBytes } from "node:crypto"
import { exportJWK, generateKeyPair } from "jose"
import type { Behind, ContractSamples } from "../contract-subject.ts"
import { splitGrantKey, type ObjectKind } from "../port.ts"

const key = { ...(await exportJWK((await generateKeyPair("ES256")).publicKey)), kid: "k1" }
const scope = (name: string) => ({ name, description: "" })

export const localSamples: ContractSamples = {
  audience: {
    kind: "audience",
    key: "https://payment-service.internal",
    fields: {
      name: "Payments",
      scopes: [scope("payments:read"), scope("payments:write")],
      token_ttl_seconds: 300,
      token_format: "jwt",
      signing_alg: "RS256",
    },
  },
  client: {
    kind: "client",
    key: "order-service",
    fields: {
      display_name: "Orders",
      owner: "team-orders",
      auth_method: "client_secret_basic",
      jwks: null,
      enabled: true,
    },
  },
  grant: { kind: "grant", key: "set by the suite", fields: { scopes: ["payments:write"] } },
  other: {
    audience: {
      name: "Payments API",
      scopes: [scope("payments:read"), scope("payments:refund"), scope("payments:write")],
      token_ttl_seconds: 600,
      token_format: "opaque",
      signing_alg: "ES256",
    },
    client: {
      display_name: "Orders 2",
      owner: "team-b",
      jwks: { keys: [key] },
      auth_method: "private_key_jwt",
      enabled: false,
    },
    grant: { scopes: ["payments:read", "payments:write"] },
  },
  ports: { write: true, secrets: "overlap", behind: true },
  secretValue: () => randomBytes(32).toString("base64url"),
}

const paths: Readonly<Record<ObjectKind, string>> = { audience: "/audiences", client: "/clients", grant: "/grants" }

type Admin = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: Record<string, unknown> }>

function namesOf(kind: ObjectKind, name: string): Record<string, string> {
  if (kind === "client") return { client_id: name }
  if (kind === "audience") return { identifier: name }
  const { client, audience } = splitGrantKey(name)
  return { client_id: client, audience }
}

/** Over the IdP's admin API. Throws at a refusal. */
export function localBehind(admin: Admin): Behind {
  const expecting = async (status: number, ...call: Parameters<Admin>): Promise<void> => {
    const answer = await admin(...call)
    if (answer.status !== status) throw new Error(`${call[0]} ${call[1]}: ${answer.status}`)
  }
  return {
    create: ({ kind, key: name, fields }) => expecting(201, "POST", paths[kind], { ...namesOf(kind, name), ...fields }),
    async change(kind, name, field, value) {
      const { body } = await admin("GET", `${paths[kind]}?${new URLSearchParams(namesOf(kind, name)).toString()}`)
      const [found] = body.items as { id: string }[]
      await expecting(200, "PATCH", `${paths[kind]}/${found?.id}`, { [field]: value })
    },
  }
}
