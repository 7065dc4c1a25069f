import { z } from "zod"
import {
  listSavedSearches,
  savedSearchInput,
  savedSearchView,
  saveSearch,
} from "../../../../lib/events/saved-searches.ts"
import { decodeCursor, encodeCursor, nameCursor, pageOf, pageQuery } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

export const GET = route({
  summary: "Saved searches of token events: one's own and the team's",
  permission: "events:read",
  query: z.strictObject(pageQuery),
  response: pageOf(savedSearchView),
  run: async ({ actor, query: { limit, cursor } }) => {
    const after = cursor === undefined ? null : decodeCursor(cursor, nameCursor)
    const { items, last } = await listSavedSearches(actor, { limit, after })
    return { body: { items, next: last && encodeCursor(last) } }
  },
})

export const POST = route({
  summary: "Save a search of token events",
  permission: "events:read",
  body: savedSearchInput,
  response: savedSearchView,
  status: 201,
  run: async ({ actor, body }) => {
    const search = await saveSearch(actor, body)
    return { body: search, version: search.version, headers: { location: `/api/v1/saved-searches/${search.id}` } }
  },
})
