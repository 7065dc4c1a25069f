import { z } from "zod"
import { severalOf } from "../../../../../lib/base/parse.ts"
import { lastUses } from "../../../../../lib/events/last-use.ts"
import { route } from "../../../../../lib/web/route.ts"

const name = z.string().min(1).max(200)

export const GET = route({
  summary: "When clients were last seen with each audience, within 30 days, to the hour",
  permission: "events:read",
  query: z.strictObject({ client: severalOf(name, 200) }),
  run: async ({ actor, query: { client } }) => ({
    body: { items: await lastUses(actor, client), next: null },
  }),
})
