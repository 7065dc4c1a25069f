import {
  changeSearch,
  deleteSearch,
  getSavedSearch,
  savedSearchPatch,
  savedSearchView,
} from "../../../../../lib/events/saved-searches.ts"
import { idParams } from "../../../../../lib/web/params.ts"
import { route } from "../../../../../lib/web/route.ts"

export const GET = route({
  summary: "One saved search",
  permission: "events:read",
  params: idParams,
  response: savedSearchView,
  run: async ({ actor, params }) => {
    const search = await getSavedSearch(actor, params.id)
    return { body: search, version: search.version }
  },
})

export const PATCH = route({
  summary: "Rename, share or change a saved search of one's own",
  permission: "events:read",
  params: idParams,
  body: savedSearchPatch,
  response: savedSearchView,
  run: async ({ actor, params, body, ifMatch }) => {
    const search = await changeSearch(actor, params.id, body, ifMatch)
    return { body: search, version: search.version }
  },
})

export const DELETE = route({
  summary: "Delete a saved search of one's own; with settings:write any that is shared with the team",
  permission: "events:read",
  params: idParams,
  status: 204,
  run: async ({ actor, params, ifMatch }) => {
    await deleteSearch(actor, params.id, ifMatch)
    return {}
  },
})
