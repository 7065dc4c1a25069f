import { keycloakSetupInput, setUpKeycloak } from "../../../../../lib/providers/set-up.ts"
import { route } from "../../../../../lib/web/route.ts"

export const POST = route({
  summary: "Make a Keycloak realm ready with an administrator's credentials, which are not kept, and connect it",
  permission: "providers:write",
  body: keycloakSetupInput,
  status: 201,
  run: async ({ actor, body }) => {
    const made = await setUpKeycloak(actor, body)
    return { body: made, headers: { location: `/api/v1/providers/${made.provider.id}` } }
  },
})
