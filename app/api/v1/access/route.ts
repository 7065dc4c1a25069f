import { z } from "zod"
import { pairStates } from "../../../../lib/access/pairs.ts"
import { accessPage, accessView } from "../../../../lib/access/queries.ts"
import { authorize } from "../../../../lib/auth/permissions.ts"
import { severalOf } from "../../../../lib/base/parse.ts"
import { decodeCursor, encodeCursor } from "../../../../lib/web/list.ts"
import { route } from "../../../../lib/web/route.ts"

const word = z.string().min(1).max(512)

export const GET = route({
  summary: "Who can call whom: each client with its audiences, granted against observed",
  permission: "registry:read",
  query: z.strictObject({
    q: z.string().max(200).optional(),
    client: word.optional(),
    owner: word.optional(),
    provider: word.optional(),
    audience: severalOf(word).optional(),
    state: severalOf(z.enum(pairStates)).optional(),
    days: z.coerce.number().int().min(1).max(90).default(30),
    limit: z.coerce.number().int().min(1).max(1000).default(50),
    cursor: z.string().max(2000).optional(),
  }),
  response: accessView,
  run: async ({ actor, query: { cursor, ...filter } }) => {
    authorize(actor, "events:read")
    const after = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([word]))[0]
    const { next, ...page } = await accessPage(actor, { ...filter, after })
    return { body: { ...page, next: next && encodeCursor([next]) } }
  },
})
