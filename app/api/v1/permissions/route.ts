import { permissions } from "../../../../lib/auth/permissions.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "The closed list of permissions",
  permission: null,
  run: async () => ({
    body: { items: Object.entries(permissions).map(([name, description]) => ({ name, description })), next: null },
  }),
})
