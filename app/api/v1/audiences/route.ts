import { z } from "zod"
import { createAudience } from "../../../../lib/registry/audiences/commands.ts"
import { audienceFilter, listAudiences } from "../../../../lib/registry/audiences/queries.ts"
import { audienceInput } from "../../../../lib/registry/schema.ts"
import { decodeCursor, encodeCursor, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "List audiences",
  permission: "registry:read",
  query: z.strictObject({ ...pageQuery, ...audienceFilter }),
  run: async ({ actor, query: { cursor, ...filter } }) => {
    const { items, next } = await listAudiences(actor, {
      ...filter,
      after: cursor === undefined ? undefined : decodeCursor(cursor),
    })
    return { body: { items, next: next && encodeCursor(next) } }
  },
})

export const POST = route({
  summary: "Register an audience",
  permission: "registry:write",
  body: audienceInput,
  status: 201,
  run: async ({ actor, body }) => {
    const audience = await createAudience(actor, body)
    return { body: audience, version: audience.version, headers: { location: `/api/v1/audiences/${audience.id}` } }
  },
})
