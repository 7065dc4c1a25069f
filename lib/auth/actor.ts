import type { Permission } from "./permissions.ts"

/** Who acts: a signed-in user, an API token, a service client with an access token, or Grantry itself (a job). */
export interface Actor {
  readonly kind: "user" | "token" | "client" | "system"
  readonly id: string
  readonly name: string
  readonly permissions: ReadonlySet<Permission>
  /** The event source that an API token writes for. */
  readonly sourceId: string | null
  /** For a user: when they last proved who they are (step-up). */
  readonly authenticatedAt: Date | null
  readonly requestId: string | null
}
