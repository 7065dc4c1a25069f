import { z } from "zod"
import { createUser, listUsers, userInput } from "../../../../lib/auth/users.ts"
import { decodeCursor, encodeCursor, idCursor, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "Users, oldest first",
  permission: "settings:read",
  query: z.strictObject(pageQuery),
  run: async ({ actor, query: { limit, cursor } }) => {
    const { items, last } = await listUsers(actor, {
      limit,
      after: cursor === undefined ? null : decodeCursor(cursor, idCursor)[0],
    })
    return { body: { items, next: last && encodeCursor([last]) } }
  },
})

export const POST = route({
  summary: "Create a user",
  permission: "users:write",
  body: userInput,
  status: 201,
  run: async ({ actor, body }) => {
    const user = await createUser(actor, body)
    return { body: user, version: user.version, headers: { location: `/api/v1/users/${user.id}` } }
  },
})
