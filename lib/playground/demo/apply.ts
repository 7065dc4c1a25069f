import { z } from "zod"
import { discover } from "../../oauth/discovery.ts"
import { DemoStopped, take, unexpected, type ApiCaller } from "./api.ts"

const changeShape = z.object({
  id: z.string(),
  verb: z.string(),
  kind: z.string(),
  key: z.string(),
  projection: z.object({ is: z.string() }).nullish(),
})
const plan = z.object({ id: z.string(), status: z.string(), changes: z.array(changeShape) })
type Change = z.output<typeof changeShape>
const planState = z.object({ status: z.string() })

const pollMs = 500
const patienceMs = 120_000

/**
 * Plans the provider and applies, if there is anything to do and all of it is the demo's. A plan that would also carry
 * out somebody else's pending changes is discarded: the demo does not decide for people.
 */
export async function planAndApply(
  call: ApiCaller,
  providerId: string,
  isOurs: (change: Change) => boolean,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  const made = take("plan", await call("POST", "/api/v1/plans", { provider_ids: [providerId] }), [201], plan)
  if (made.changes.length === 0) return
  const foreign = made.changes.filter((one) => !isOurs(one))
  if (foreign.length > 0) {
    await call("POST", `/api/v1/plans/${made.id}/discard`)
    const names = foreign.slice(0, 3).map(({ key }) => key)
    throw new DemoStopped(
      "foreign_changes",
      `The plan for the local provider also holds changes of yours (${names.join(", ")}). Apply them first; the demo waits.`,
    )
  }
  // Deletes and widened grants are confirmed one by one, as a person would: these are the demo's own.
  const confirm = made.changes
    .filter(({ verb, projection }) => verb === "delete" || projection?.is === "widened")
    .map(({ id }) => id)
  // All of it is the demo's own, so its removal in one click may pass the limit that guards people's registries.
  const body = confirm.length === 0 ? {} : { confirm, beyond_limit: true }
  const begun = await call("POST", `/api/v1/plans/${made.id}/apply`, body)
  if (begun.status !== 202) {
    // The next attempt plans anew: what was not begun shall not wait for somebody.
    await call("POST", `/api/v1/plans/${made.id}/discard`)
    unexpected("apply", begun)
  }
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const { status } = take("wait for the apply", await call("GET", `/api/v1/plans/${made.id}`), [200], planState)
    if (status === "applied") return
    if (!["planned", "approved", "applying"].includes(status)) {
      throw new DemoStopped("not_applied", `The demo's plan ended as ${status}; its page says why.`)
    }
    if (waitedMs >= patienceMs) throw new DemoStopped("apply_slow", "The demo's plan is still being applied.")
    await wait(pollMs)
  }
}

const provider = z.object({
  id: z.string(),
  kind: z.string(),
  issuer: z.string().nullable(),
  token_endpoint: z.string().nullable(),
})

export interface LocalProvider {
  readonly id: string
  readonly issuer: string
  readonly tokenUrl: string
  readonly jwksUri: string
}

/** The local provider's row; without one there is no demo. */
export async function localProvider(call: ApiCaller): Promise<LocalProvider> {
  const { items } = take(
    "find the local provider",
    await call("GET", "/api/v1/providers?limit=1000"),
    [200],
    z.object({ items: z.array(provider) }),
  )
  const local = items.find(({ kind }) => kind === "local")
  if (local === undefined || local.issuer === null || local.token_endpoint === null) {
    throw new DemoStopped("no_local_provider", "The demo needs the local identity provider, and it is not there.")
  }
  const { jwksUri } = await discover(local.issuer)
  if (jwksUri === undefined)
    throw new DemoStopped("no_local_provider", "The local identity provider publishes no key set.")
  return { id: local.id, issuer: local.issuer, tokenUrl: local.token_endpoint, jwksUri }
}
