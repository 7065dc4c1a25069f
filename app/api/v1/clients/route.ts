import { z } from "zod"
import { createClient } from "../../../../lib/registry/clients/commands.ts"
import { clientFilter, listClients } from "../../../../lib/registry/clients/queries.ts"
import { clientInput } from "../../../../lib/registry/schema.ts"
import { decodeCursor, encodeCursor, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "List service clients",
  permission: "registry:read",
  query: z.strictObject({ ...pageQuery, ...clientFilter }),
  run: async ({ actor, query: { cursor, ...filter } }) => {
    const { items, next } = await listClients(actor, {
      ...filter,
      after: cursor === undefined ? undefined : decodeCursor(cursor),
    })
    return { body: { items, next: next && encodeCursor(next) } }
  },
})

export const POST = route({
  summary: "Register a service client",
  permission: "registry:write",
  body: clientInput,
  status: 201,
  run: async ({ actor, body }) => {
    const client = await createClient(actor, body)
    return { body: client, version: client.version, headers: { location: `/api/v1/clients/${client.id}` } }
  },
})
