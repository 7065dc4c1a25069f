import "server-only"
import { Secret } from "../base/secret.ts"
import type { Memory } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import type { Prisma } from "../db/tx.ts"
import { open, seal } from "../vault/seal.ts"

/** The memory of one provider's connector: table `provider_memory`, each value sealed for its row. */
export function memoryOf(providerId: string): Memory {
  const context = (name: string) => ({ table: "provider_memory", id: providerId, field: name })
  return {
    async read(name) {
      const row = await db().providerMemory.findUnique({ where: { providerId_name: { providerId, name } } })
      return row === null ? null : open(row.sealed, context(name)).reveal()
    },
    async write(name, value) {
      if (value === null) {
        await db().providerMemory.deleteMany({ where: { providerId, name } })
        return
      }
      const sealed = seal(new Secret(value), context(name)) as unknown as Prisma.InputJsonValue
      await db().providerMemory.upsert({
        where: { providerId_name: { providerId, name } },
        create: { providerId, name, sealed },
        update: { sealed },
      })
    },
  }
}
