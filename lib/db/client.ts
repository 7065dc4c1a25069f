import "server-only"
import { PrismaPg } from "@prisma/adapter-pg"
import { PrismaClient } from "./generated/client.ts"
import { databaseUrl } from "./url.ts"

/** Next bundles routes apart, so what must be one per process lives on globalThis. */
const shared = globalThis as typeof globalThis & { grantryDb?: PrismaClient }

/** The registry's client, one per process. Reads and single writes; several writes go through `withTx`. */
export function db(): PrismaClient {
  shared.grantryDb ??= new PrismaClient({
    adapter: new PrismaPg({
      connectionString: databaseUrl(),
      application_name: "grantry",
      max: 10,
      connectionTimeoutMillis: 3_000,
      options: "-c synchronous_commit=on -c statement_timeout=15000",
    }),
    // A validation error would print its arguments, sealed values and hashes among them.
    errorFormat: "minimal",
    transactionOptions: { maxWait: 5_000, timeout: 20_000 },
  })
  return shared.grantryDb
}

export async function closeDb(): Promise<void> {
  await shared.grantryDb?.$disconnect()
  delete shared.grantryDb
}

export type { PrismaClient }
