import type { TestProject } from "vitest/node"
import { startKeycloak } from "./server.ts"
import { findTools } from "./tools.ts"

/**
 * Vitest's global setup: a server of our own, unless KEYCLOAK_URL names one, with KEYCLOAK_ADMIN_CLIENT_ID and
 * KEYCLOAK_ADMIN_CLIENT_SECRET of a service account in its realm `master` that may make realms.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const {
    KEYCLOAK_URL: url,
    KEYCLOAK_ADMIN_CLIENT_ID: client_id,
    KEYCLOAK_ADMIN_CLIENT_SECRET: client_secret,
  } = process.env
  if (url) {
    if (!client_id || !client_secret)
      throw new Error("KEYCLOAK_URL needs KEYCLOAK_ADMIN_CLIENT_ID and KEYCLOAK_ADMIN_CLIENT_SECRET beside it.")
    project.provide("keycloak", { base_url: url.replace(/\/+$/, ""), admin: { client_id, client_secret } })
    return async () => undefined
  }
  const tools = await findTools()
  if ("missing" in tools) throw new Error(`No Keycloak can be started: ${tools.missing}`)
  const server = await startKeycloak(tools)
  project.provide("keycloak", { base_url: server.url, admin: server.admin })
  return () => server.stop()
}
