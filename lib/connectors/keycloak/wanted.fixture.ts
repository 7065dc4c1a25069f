/** Wanted objects in few words, and their way into a realm. */
import { writing } from "../contract-subject.ts"
import { grantKey, type DesiredObject } from "../objects.ts"
import type { Connector } from "../port.ts"
import { samples } from "./samples.fixture.ts"

export const audience = (key: string, scopes: readonly string[], ttl = 300, alg = "RS256"): DesiredObject => ({
  kind: "audience",
  key,
  fields: {
    name: key,
    scopes: scopes.map((name) => ({ name, description: "" })),
    token_ttl_seconds: ttl,
    token_format: "jwt",
    signing_alg: alg,
  },
})
export const client = (key: string, fields: Record<string, never> | object = {}): DesiredObject => ({
  kind: "client",
  key,
  fields: { ...samples.client.fields, ...fields },
})
export const grant = (of: string, to: string, scopes: readonly string[]): DesiredObject => ({
  kind: "grant",
  key: grantKey(of, to),
  fields: { scopes: [...scopes] },
})

export async function bringTo(connector: Connector, objects: readonly DesiredObject[]): Promise<void> {
  for (const object of connector.shape(objects).objects) await writing(connector).create(object, "p:c")
}
