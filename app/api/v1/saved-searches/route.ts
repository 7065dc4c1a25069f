import { listSavedSearches, savedSearchInput, saveSearch } from "../../../../lib/events/saved-searches.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "Saved searches of token events: one's own and the team's",
  permission: "events:read",
  run: async ({ actor }) => ({ body: { items: await listSavedSearches(actor), next: null } }),
})

export const POST = route({
  summary: "Save a search of token events",
  permission: "events:read",
  body: savedSearchInput,
  status: 201,
  run: async ({ actor, body }) => {
    const search = await saveSearch(actor, body)
    return { body: search, version: search.version, headers: { location: `/api/v1/saved-searches/${search.id}` } }
  },
})
