import { z } from "zod"
import { DemoStopped, codeOf, take, unexpected, type ApiCaller } from "./api.ts"
import type { Credential } from "./kept.ts"

const secret = z.object({ id: z.string(), provider_id: z.string(), state: z.string(), created_at: z.string() })
const secretList = z.object({ items: z.array(secret) })
const revealed = z.object({ client_id: z.string(), client_secret: z.string(), secret_id: z.string() })
const usable = ["pending", "live", "retiring"]
const attempts = 30
const pollMs = 1_000

export interface CredentialNeed {
  readonly clientRowId: string
  readonly providerId: string
  readonly kept: Credential | undefined
  readonly wait: (ms: number) => Promise<void>
}

/**
 * A secret that the provider accepts and that the fleet holds: the newest one. The kept one stays while nothing newer can
 * be had; a newer one that nobody has revealed yet is taken over, which is how a rotation of a demo client is delivered.
 * When every secret has been revealed to somebody else, a rotation brings a new one.
 */
export async function ensureCredential(call: ApiCaller, need: CredentialNeed): Promise<Credential> {
  let rotated = false
  for (let attempt = 0; attempt < attempts; attempt++) {
    const secrets = await newestFirst(call, need)
    const [newest] = secrets
    if (newest !== undefined && newest.id === need.kept?.secretId) return need.kept
    // A pending one has not been tried at the provider yet: it is waited for.
    const taken = newest?.state === "live" ? await reveal(call, need.clientRowId, newest.id) : undefined
    if (taken !== undefined && taken !== "gone") return taken
    if (need.kept !== undefined && secrets.some(({ id }) => id === need.kept?.secretId)) return need.kept
    if (taken === "gone" && !rotated) {
      await rotate(call, need)
      rotated = true
    }
    await need.wait(pollMs)
  }
  throw new DemoStopped("no_secret", "A client of the demo got no secret from the provider.")
}

async function newestFirst(
  call: ApiCaller,
  { clientRowId, providerId }: CredentialNeed,
): Promise<z.output<typeof secret>[]> {
  const { items } = take("list secrets", await call("GET", `/api/v1/clients/${clientRowId}/secrets`), [200], secretList)
  return items
    .filter((one) => one.provider_id === providerId && usable.includes(one.state))
    .sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
}

/** `gone`: somebody saw it before. Undefined: it is not ready yet. */
async function reveal(
  call: ApiCaller,
  clientRowId: string,
  secretId: string,
): Promise<Credential | "gone" | undefined> {
  const answer = await call("POST", `/api/v1/clients/${clientRowId}/secrets/${secretId}/reveal`)
  if (answer.status === 410) return "gone"
  if (answer.status === 404 || answer.status === 409) return undefined
  const { client_id, client_secret, secret_id } = take("reveal a secret", answer, [200], revealed)
  return { clientId: client_id, clientSecret: client_secret, secretId: secret_id }
}

async function rotate(call: ApiCaller, { clientRowId, providerId }: CredentialNeed): Promise<void> {
  const answer = await call("POST", `/api/v1/clients/${clientRowId}/rotations`, {
    provider_id: providerId,
    confirm: true,
  })
  // One in flight already brings a new secret as well.
  if (answer.status !== 201 && answer.status !== 409) unexpected(`rotate (${codeOf(answer)})`, answer)
}
