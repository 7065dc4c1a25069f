/** The contract's samples as entries of the registry, under the names of a rig. */
import type { ContractSamples } from "../connectors/contract-subject.ts"
import { createAudience } from "../registry/audiences/commands.ts"
import { createClient } from "../registry/clients/commands.ts"
import { createGrant } from "../registry/grants/commands.ts"
import { audienceInput, clientInput, grantInput } from "../registry/schema.ts"
import { ada, type Rig } from "./rig.fixture.ts"

interface Entry {
  readonly id: string
}
export interface Sampled {
  readonly audience: Entry
  readonly client: Entry & { readonly name: string }
  readonly grant: Entry
}

export async function sampled({ providerId, tag }: Rig, samples: ContractSamples): Promise<Sampled> {
  const [name, identifier] = [`${samples.client.key}-${tag}`, `${samples.audience.key}/${tag}`]
  const audience = await createAudience(ada, audienceInput.parse({ ...samples.audience.fields, identifier }))
  const client = await createClient(
    ada,
    clientInput.parse({ ...samples.client.fields, name, provider_ids: [providerId] }),
  )
  const grant = await createGrant(
    ada,
    grantInput.parse({ client: name, audience: identifier, ...samples.grant.fields, reason: "test" }),
  )
  return { audience, client, grant }
}
