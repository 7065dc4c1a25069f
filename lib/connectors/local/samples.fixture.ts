/** The samples of the contract, and what an administrator does to the local IdP by hand. */
import type { Behind, ContractSamples } from "../contract-subject.ts"
import { splitGrantKey, type ObjectKind } from "../objects.ts"
import { objects, other, publicKey, secretValue } from "../samples.fixture.ts"

export const localSamples: ContractSamples = {
  ...objects,
  other: {
    ...other,
    audience: { ...other.audience, token_ttl_seconds: 600, token_format: "opaque", signing_alg: "ES256" },
    client: { ...other.client, jwks: { keys: [await publicKey()] }, auth_method: "private_key_jwt" },
  },
  ports: { write: true, secrets: "overlap", behind: true },
  secretValue,
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
