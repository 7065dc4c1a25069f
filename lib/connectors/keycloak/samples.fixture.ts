import { randomBytes } from "node:crypto"
import { exportJWK, generateKeyPair } from "jose"
import type { ContractSamples } from "../contract-subject.ts"

const key = { ...(await exportJWK((await generateKeyPair("ES256")).publicKey)), kid: "k1", use: "sig", alg: "ES256" }
const scope = (name: string, description = "") => ({ name, description })

export const samples: ContractSamples = {
  audience: {
    kind: "audience",
    key: "https://payment-service.internal",
    fields: {
      name: "Payments",
      scopes: [scope("payments:read"), scope("payments:write", "Change payments")],
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
      scopes: [scope("payments:read"), scope("payments:refund"), scope("payments:write", "Change payments")],
    },
    client: {
      display_name: "Orders 2",
      owner: "team-b",
      jwks: { keys: [key] },
      auth_method: "private_key_jwt",
      token_ttl_seconds: 600,
      signing_alg: "ES256",
      enabled: false,
    },
    grant: { scopes: ["payments:read", "payments:write"] },
  },
  ports: { write: true, secrets: "overlap", behind: true },
  refused: "unauthorized_client",
  secretValue: () => randomBytes(32).toString("base64url"),
}
