import { z } from "zod"
import { idParams } from "../../../../../../lib/registry/schema.ts"
import { listSecrets } from "../../../../../../lib/secrets/queries.ts"
import { route } from "../../../../../../lib/web/route.ts"

export const GET = route({
  summary: "Secret versions of a client: fingerprints and dates, never values",
  permission: "secrets:read",
  params: idParams,
  query: z.strictObject({ all: z.enum(["0", "1"]).default("0") }),
  run: async ({ actor, params, query }) => ({ body: { items: await listSecrets(actor, params.id, { all: query.all === "1" }), next: null } }),
})
