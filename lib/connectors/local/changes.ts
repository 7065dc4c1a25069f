import { z } from "zod"
import type { AdminChange, ChangesPort } from "../log-ports.ts"
import { objectKinds } from "../objects.ts"
import type { Admin } from "./admin.ts"
import { actorPrefix } from "./admin.ts"

const changeList = z.object({
  items: z.array(z.object({ at: z.string(), actor: z.string(), kind: z.string(), key: z.string() })),
})
const changesMax = 1_000

/** The local provider's own trail: who wrote, by the name that its admin API was given. */
export const changesPort = (admin: Admin, providerId: string): ChangesPort => ({
  async since(since) {
    const path = `/changes?since=${encodeURIComponent(since.toISOString())}&limit=${changesMax}`
    const { items } = await admin({ step: "read changes", kind: "read", method: "GET", path }, changeList)
    return items.map(({ at, actor, kind, key }): AdminChange => ({
      at,
      kind: objectKinds.find((known) => known === kind) ?? null,
      key,
      remoteIds: [],
      actor: { id: actor, name: actor },
      // "write token for provider <id>": which of our tokens it was is told before the name that came with it.
      ours: actor.endsWith(` for ${actorPrefix}${providerId}`),
    }))
  },
})
