import { z } from "zod"
import { invalid } from "../../base/errors.ts"
import type { Pool } from "../../db/pool.ts"
import { audienceColumns } from "./audiences.ts"

const cursorSchema = z.tuple([z.enum(["audience", "client", "grant"]), z.uuid()])

/**
 * Everything that an administrator may see, paged by kind and id (time-ordered): audiences, then clients, then grants.
 * Not a snapshot: what changes between two pages may be seen or not; nothing else is skipped or shown twice.
 */
export async function readState(
  pool: Pool,
  cursor: string | null,
  limit: number,
): Promise<{ items: readonly unknown[]; next: string | null }> {
  const [kind, id] = cursor === null ? (["audience", null] as const) : decode(cursor)
  const { rows } = await pool.query<{ kind: string; id: string; object: object }>(
    `select * from (
       (select 1 as place, 'audience' as kind, a.id, to_jsonb(o) as object from audience a, lateral (select ${audienceColumns}) o
         where $1 = 'audience' and ($2::uuid is null or a.id > $2) order by a.id limit $3)
       union all
       (select 2, 'client', c.id, to_jsonb(c) - 'metadata' from client c
         where $1 = 'audience' or ($1 = 'client' and c.id > $2) order by c.id limit $3)
       union all
       (select 3, 'grant', g.id, to_jsonb(g) from audience_grant g
         where $1 <> 'grant' or g.id > $2 order by g.id limit $3)
     ) everything order by place, id limit $3`,
    [kind, id, limit],
  )
  const last = rows.length === limit ? rows.at(-1) : undefined
  return {
    items: rows.map((row) => ({ kind: row.kind, ...row.object })),
    next: last ? Buffer.from(JSON.stringify([last.kind, last.id])).toString("base64url") : null,
  }
}

function decode(cursor: string): z.output<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")))
  } catch {
    throw invalid("cursor", "bad_cursor", "is not a cursor of this list")
  }
}
