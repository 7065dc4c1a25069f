/** What the contract is run with, in the registry's words. Each kind says beside it what is different there. */
import { randomBytes } from "node:crypto"
import { exportJWK, generateKeyPair } from "jose"
import type { JsonObject } from "../base/json.ts"
import type { DesiredObject, Fields } from "./objects.ts"

export const scope = (name: string, description = "") => ({ name, description })

const audience: DesiredObject = {
  kind: "audience",
  key: "https://payment-service.internal",
  fields: {
    name: "Payments",
    scopes: [scope("payments:read"), scope("payments:write", "Charges")],
    token_ttl_seconds: 900,
    token_format: "jwt",
    signing_alg: "RS256",
  },
}

const client: DesiredObject = {
  kind: "client",
  key: "order-service",
  fields: {
    display_name: "Orders",
    owner: "team-orders",
    auth_method: "client_secret_basic",
    jwks: null,
    enabled: true,
  },
}

const grant: DesiredObject = { kind: "grant", key: "set by the suite", fields: { scopes: ["payments:write"] } }

export const objects = { audience, client, grant }

export const withFields = (object: DesiredObject, fields: Fields): DesiredObject => ({
  ...object,
  fields: { ...object.fields, ...fields },
})

/** Other values than those above, where every provider has a place for them. */
export const other = {
  audience: {
    name: "Payments API",
    scopes: [scope("payments:read"), scope("payments:refund"), scope("payments:write", "Charges and refunds")],
  },
  client: { display_name: "Orders 2", owner: "team-b", enabled: false },
  grant: { scopes: ["payments:read", "payments:write"] },
}

export const secretValue = (): string => randomBytes(32).toString("base64url")

/** The public half of a fresh P-256 key. */
export const publicKey = async (more: JsonObject = {}): Promise<JsonObject> => ({
  ...((await exportJWK((await generateKeyPair("ES256")).publicKey)) as JsonObject),
  kid: "k1",
  ...more,
})
