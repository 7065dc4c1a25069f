import type { Privilege } from "../kind.ts"

const rights = (things: string, verbs: readonly string[]): readonly string[] => verbs.map((verb) => `${verb}:${things}`)
const writes = ["create", "update", "delete"]

const clients = "service clients: seeing, making, changing and deleting them"
const apis = "audiences and their scopes"
const grants = "audience grants"

/** Scopes of the Management API, as the application's authorization lists them. */
export const privileges: readonly Privilege[] = [
  { name: "read:clients", gives: clients, needed: "always" },
  { name: "read:resource_servers", gives: apis, needed: "always" },
  { name: "read:client_grants", gives: grants, needed: "always" },
  ...rights("clients", writes).map((name): Privilege => ({ name, gives: clients, needed: "to write" })),
  ...rights("resource_servers", writes).map((name): Privilege => ({ name, gives: apis, needed: "to write" })),
  ...rights("client_grants", writes).map((name): Privilege => ({ name, gives: grants, needed: "to write" })),
  {
    name: "update:client_keys",
    gives: "setting a client's secret; its value is never read, so read:client_keys is not asked for",
    needed: "for secrets",
  },
  ...rights("client_credentials", ["read", ...writes]).map((name): Privilege => ({
    name,
    gives: "public keys of clients that use private_key_jwt",
    needed: "optional",
  })),
  { name: "read:logs", gives: "token events, and who changed what", needed: "for logs" },
]
