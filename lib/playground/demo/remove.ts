import { z } from "zod"
import { listAll, unexpected, type ApiCaller } from "./api.ts"
import { localProvider, planAndApply } from "./apply.ts"
import { nothingKept, type Keeper } from "./kept.ts"
import { demoAudiences, demoClients, demoTag, isDemoChange, isGrantOnDemo } from "./layout.ts"
import { demoSourceName } from "./setup.ts"

const row = z.object({ id: z.string() })
const client = row.extend({ name: z.string() })
const audience = row.extend({ identifier: z.string() })
const source = row.extend({ name: z.string() })
const rotation = row.extend({ state: z.string() })

/**
 * Removes what the demo registered, at the provider too, and the events of its source. Only what carries both the demo's
 * names and its tag goes. It can be broken off anywhere and called again. Throws `DemoStopped` as the set-up does.
 */
export async function removeDemo(call: ApiCaller, keeper: Keeper, wait: (ms: number) => Promise<void>): Promise<void> {
  const clientNames = new Set<string>(Object.values(demoClients).map(({ name }) => name))
  const clients = (await listAll(call, `/api/v1/clients?tag=${demoTag}`, client)).filter(({ name }) =>
    clientNames.has(name),
  )
  for (const { id } of clients) {
    for (const grant of await listAll(call, `/api/v1/grants?client=${id}`, row))
      await gone(call, `/api/v1/grants/${grant.id}`)
    await endRotations(call, id)
    await gone(call, `/api/v1/clients/${id}`)
  }
  const identifiers = new Set<string>(Object.values(demoAudiences).map(({ identifier }) => identifier))
  const audiences = await listAll(call, `/api/v1/audiences?tag=${demoTag}`, audience)
  for (const { id, identifier } of audiences) {
    if (!identifiers.has(identifier)) continue
    // A grant of one of the user's own clients on a demo API goes with it.
    for (const grant of await listAll(call, `/api/v1/grants?audience=${id}`, row))
      await gone(call, `/api/v1/grants/${grant.id}`)
    await gone(call, `/api/v1/audiences/${id}`)
  }
  const isOurs = (change: { verb: string; kind: string; key: string }) =>
    isDemoChange(change) || (change.verb === "delete" && isGrantOnDemo(change))
  await planAndApply(call, (await localProvider(call)).id, isOurs, wait)
  const { ingest } = keeper.read()
  if (ingest !== null) await gone(call, `/api/v1/api-tokens/${ingest.tokenId}`)
  for (const { id, name } of await listAll(call, "/api/v1/sources", source)) {
    if (name === demoSourceName) await gone(call, `/api/v1/sources/${id}?events=1`)
  }
  keeper.write(nothingKept)
}

/** A client with a rotation in flight cannot be deleted. One that cannot be aborted any more is retired at once. */
async function endRotations(call: ApiCaller, clientId: string): Promise<void> {
  const listed = await call("GET", `/api/v1/rotations?client=${clientId}&limit=200`)
  const rotations = z.object({ items: z.array(rotation) }).safeParse(listed.body).data?.items ?? []
  for (const { id, state } of rotations) {
    if (["done", "aborted"].includes(state)) continue
    const aborted = await call("POST", `/api/v1/rotations/${id}/abort`)
    if (aborted.status >= 300)
      await call("POST", `/api/v1/rotations/${id}/retire`, { override: { reason: "The demo is being removed" } })
  }
}

async function gone(call: ApiCaller, path: string): Promise<void> {
  const answer = await call("DELETE", path)
  if (answer.status >= 300 && answer.status !== 404) unexpected(`delete ${path.split("/")[3] ?? ""}`, answer)
}
