import type pg from "pg"
import { quoted, schemas } from "./format.ts"

/**
 * Takes the foreign keys and triggers off our tables, so that rows can come in any order and as they were, and resolves to
 * the function that puts them back, which checks every row. For a transaction that rolls back on failure. The owner of the
 * tables may do this; `session_replication_role` would want a superuser.
 */
export async function ease(client: pg.Client): Promise<() => Promise<void>> {
  const keys = await client.query<{ table: string; name: string; definition: string }>(
    `select n.nspname || '.' || r.relname as table, quote_ident(c.conname) as name, pg_get_constraintdef(c.oid) as definition
       from pg_constraint c join pg_class r on r.oid = c.conrelid join pg_namespace n on n.oid = r.relnamespace
      where c.contype = 'f' and c.conparentid = 0 and n.nspname = any($1) order by 1, 2`,
    [schemas],
  )
  const triggers = await client.query<{ table: string; name: string }>(
    `select n.nspname || '.' || r.relname as table, quote_ident(t.tgname) as name
       from pg_trigger t join pg_class r on r.oid = t.tgrelid join pg_namespace n on n.oid = r.relnamespace
      where not t.tgisinternal and t.tgparentid = 0 and t.tgenabled = 'O' and n.nspname = any($1) order by 1, 2`,
    [schemas],
  )
  const alter = (table: string, what: string) => client.query(`alter table ${quoted(table)} ${what}`)
  for (const { table, name } of keys.rows) await alter(table, `drop constraint ${name}`)
  for (const { table, name } of triggers.rows) await alter(table, `disable trigger ${name}`)
  return async () => {
    for (const { table, name } of triggers.rows) await alter(table, `enable trigger ${name}`)
    for (const { table, name, definition } of keys.rows) await alter(table, `add constraint ${name} ${definition}`)
  }
}
