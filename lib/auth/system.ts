import type { Actor } from "./actor.ts"
import { allPermissions } from "./permissions.ts"

/** Grantry itself, in a named job. */
export const systemActor = (job: string): Actor => ({
  kind: "system",
  id: job,
  name: `Grantry (${job})`,
  permissions: new Set(allPermissions),
  sourceId: null,
  authenticatedAt: null,
  requestId: null,
})
