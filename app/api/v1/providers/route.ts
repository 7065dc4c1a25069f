import { z } from "zod"
import { createProvider } from "../../../../lib/providers/commands.ts"
import { listProviders } from "../../../../lib/providers/queries.ts"
import { providerInput } from "../../../../lib/providers/schema.ts"
import { decodeCursor, encodeCursor, nameCursor, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "List identity providers",
  permission: "providers:read",
  query: z.strictObject(pageQuery),
  run: async ({ actor, query: { limit, cursor } }) => {
    const { items, last } = await listProviders(actor, {
      limit,
      after: cursor === undefined ? null : decodeCursor(cursor, nameCursor),
    })
    return { body: { items, next: last && encodeCursor(last) } }
  },
})

export const POST = route({
  summary: "Connect an identity provider",
  permission: "providers:write",
  body: providerInput,
  status: 201,
  run: async ({ actor, body }) => {
    const provider = await createProvider(actor, body)
    return { body: provider, version: provider.version, headers: { location: `/api/v1/providers/${provider.id}` } }
  },
})
