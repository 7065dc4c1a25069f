import { z } from "zod"

/**
 * A backup is gzip of lines: a header, then for each table a line of JSON that names it, its rows as COPY writes them in
 * text form (PostgreSQL 18, COPY, "Text Format": no row holds a raw line feed) and the line `\.`; then a closing line.
 */
export const header = z.object({
  format: z.literal("grantry-backup"),
  version: z.literal(1),
  created_at: z.string(),
  /** Names of prisma/migrations that the database had, in their order. */
  migrations: z.array(z.string()).min(1),
  /** Tables that are made beside the migrations: daily partitions of the events. */
  partitions: z.array(z.object({ parent: z.string(), name: z.string(), bound: z.string() })),
  sequences: z.array(z.object({ name: z.string(), value: z.string(), called: z.boolean() })),
})
export type Header = z.infer<typeof header>

export const tableLine = z.object({ table: z.string(), columns: z.array(z.string()).min(1) })
export type TableLine = z.infer<typeof tableLine>

export const closingLine = z.object({ end: z.literal(true), tables: z.number(), rows: z.number() })

export const endOfRows = "\\."

/** Schemas that hold our data. Queued jobs (schema pgboss) are not kept: the worker plans them anew from the rows. */
export const schemas = ["public", "local_idp"]

/** The table of Prisma's own record; the header says what it held. */
export const recordTable = "public._prisma_migrations"

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

/** `schema.table` from the catalogue, quoted for SQL. */
export const quoted = (name: string): string => name.split(".").map(quote).join(".")

export const columnList = (columns: readonly string[]): string => columns.map(quote).join(", ")
