import type { ContractSamples } from "../contract-subject.ts"
import { objects, other, publicKey, secretValue } from "../samples.fixture.ts"

export const samples: ContractSamples = {
  ...objects,
  other: {
    ...other,
    client: {
      ...other.client,
      jwks: { keys: [await publicKey({ use: "sig", alg: "ES256" })] },
      auth_method: "private_key_jwt",
      token_ttl_seconds: 600,
      signing_alg: "ES256",
    },
  },
  ports: { write: true, secrets: "overlap", behind: true },
  refused: "unauthorized_client",
  secretValue,
}
