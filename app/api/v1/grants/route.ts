import { z } from "zod"
import { createGrant } from "../../../../lib/registry/grants/commands.ts"
import { grantFilter, listGrants } from "../../../../lib/registry/grants/queries.ts"
import { grantInput } from "../../../../lib/registry/schema.ts"
import { decodeCursor, encodeCursor, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "List audience grants",
  permission: "registry:read",
  query: z.strictObject({ ...pageQuery, ...grantFilter }),
  run: async ({ actor, query: { cursor, ...filter } }) => {
    const { items, next } = await listGrants(actor, {
      ...filter,
      after: cursor === undefined ? undefined : decodeCursor(cursor),
    })
    return { body: { items, next: next && encodeCursor(next) } }
  },
})

export const POST = route({
  summary: "Create an audience grant",
  permission: "registry:write",
  body: grantInput,
  status: 201,
  run: async ({ actor, body }) => {
    const grant = await createGrant(actor, body)
    return { body: grant, version: grant.version, headers: { location: `/api/v1/grants/${grant.id}` } }
  },
})
