import { createUser, listUsers, userInput } from "../../../../lib/auth/users.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({ summary: "Users", permission: "settings:read", run: async ({ actor }) => ({ body: { items: await listUsers(actor), next: null } }) })

export const POST = route({
  summary: "Create a user",
  permission: "users:write",
  body: userInput,
  status: 201,
  run: async ({ actor, body }) => {
    const user = await createUser(actor, body)
    return { body: user, version: user.version }
  },
})
