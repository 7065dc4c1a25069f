import type { Privilege } from "../kind.ts"

const apps = "service clients and their secrets and keys"
const servers = "audiences (authorization servers), their scopes, and audience grants (policies and rules)"

/** Okta API scopes that a Super Admin grants to the app. An admin role on top says on which objects. */
export const privileges: readonly Privilege[] = [
  { name: "okta.apps.read", gives: `seeing ${apps}`, needed: "always" },
  { name: "okta.authorizationServers.read", gives: `seeing ${servers}`, needed: "always" },
  { name: "okta.apps.manage", gives: `making, changing and deleting ${apps}`, needed: "to write" },
  { name: "okta.authorizationServers.manage", gives: `making, changing and deleting ${servers}`, needed: "to write" },
  { name: "okta.logs.read", gives: "token events, and who changed what", needed: "for logs" },
]

/** What no scope gives. */
export const preconditions: readonly Privilege[] = [
  {
    name: "an admin role on the app",
    gives: "the objects that the scopes act on: without a role Okta answers 403, or lists nothing",
    needed: "always",
  },
  {
    name: "API Access Management",
    gives: "custom authorization servers; a product of its own, without which an org has no audiences of ours",
    needed: "always",
  },
]
