import { defineConfig } from "prisma/config"

/** Event tables are made by SQL migrations (partitions, dictionaries, rollups); Prisma leaves them alone. */
export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  experimental: { externalTables: true },
  tables: { external: ["public.token_event", "public.dimension"] },
})
