import { z } from "zod"
import { apiTokenInput, createApiToken, listApiTokens } from "../../../../lib/auth/api-tokens.ts"
import { decodeCursor, encodeCursor, idCursor, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "API tokens, newest first, without their values",
  permission: "settings:read",
  query: z.strictObject(pageQuery),
  run: async ({ actor, query: { limit, cursor } }) => {
    const { items, last } = await listApiTokens(actor, {
      limit,
      after: cursor === undefined ? null : decodeCursor(cursor, idCursor)[0],
    })
    return { body: { items, next: last && encodeCursor([last]) } }
  },
})

export const POST = route({
  summary: "Make an API token; its value is answered once",
  permission: "settings:write",
  body: apiTokenInput,
  status: 201,
  idempotency: "once",
  run: async ({ actor, body }) => {
    const made = await createApiToken(actor, body)
    return { body: made, version: made.version, headers: { location: `/api/v1/api-tokens/${made.id}` } }
  },
})
