import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "Who the caller is and what they may do",
  permission: null,
  run: async ({ actor }) => ({
    body: {
      kind: actor.kind,
      id: actor.id,
      name: actor.name,
      permissions: [...actor.permissions].sort(),
      source_id: actor.sourceId,
      authenticated_at: actor.authenticatedAt?.toISOString() ?? null,
    },
  }),
})
