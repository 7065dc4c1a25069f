import "server-only"
import { listTrail, verifyTrail, type TrailFilter } from "../trail/queries.ts"
import type { Actor } from "./actor.ts"
import { authorize } from "./permissions.ts"

/** The admin audit trail for whom may read it. The trail's own room stands below this one and knows no permissions. */
export function readTrail(actor: Actor, filter: TrailFilter): ReturnType<typeof listTrail> {
  authorize(actor, "trail:read")
  return listTrail(filter)
}

export function checkTrail(actor: Actor): ReturnType<typeof verifyTrail> {
  authorize(actor, "trail:read")
  return verifyTrail()
}
