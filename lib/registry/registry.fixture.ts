import { permissionsOfRole, type Role } from "../auth/permissions.ts"
import type { Actor } from "../auth/actor.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"

/** People for tests of the registry's commands. */
export const person = (role: Role, name = "Ada"): Actor => ({
  kind: "user",
  id: newId(),
  name,
  permissions: new Set(permissionsOfRole[role]),
  sourceId: null,
  authenticatedAt: new Date(),
  requestId: "test",
})

/** A configured provider row, nothing behind it. */
export async function providerRow(name: string): Promise<string> {
  const id = newId()
  await db().provider.create({
    data: {
      id,
      kind: "local",
      name,
      environment: "test",
      issuer: `https://${name}.example`,
      tokenEndpoint: `https://${name}.example/token`,
      jwksUri: `https://${name}.example/jwks`,
      settings: {},
    },
  })
  return id
}

/** Trail entries of one target, oldest first. */
export async function trailOf(targetId: string): Promise<string[]> {
  const rows = await db().trailEntry.findMany({ where: { targetId }, orderBy: { seq: "asc" } })
  return rows.map((r) => r.action)
}
