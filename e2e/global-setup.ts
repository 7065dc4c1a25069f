import { randomBytes } from "node:crypto"
import { startStack } from "../scripts/stack.ts"

/** What every journey may rely on. */
export const admin = { email: "admin@example.com", password: "correct horse battery staple" }

/**
 * Starts the production build unless GRANTRY_E2E_URL names a running one (then GRANTRY_E2E_TOKEN is its API token and
 * GRANTRY_E2E_DATABASE_URL its database). Workers see the three in the same variables.
 */
export default async function globalSetup(): Promise<() => Promise<void>> {
  if (process.env["GRANTRY_E2E_URL"]) return async () => {}
  const token = `gty_${randomBytes(32).toString("base64url")}`
  const stack = await startStack({
    env: {
      GRANTRY_BOOTSTRAP_TOKEN: token,
      GRANTRY_ADMIN_EMAIL: admin.email,
      GRANTRY_ADMIN_PASSWORD: admin.password,
      // Providers that a journey starts for itself.
      GRANTRY_ALLOW_HOSTS: "127.0.0.1",
    },
  })
  process.env["GRANTRY_E2E_URL"] = stack.url
  process.env["GRANTRY_E2E_TOKEN"] = token
  process.env["GRANTRY_E2E_DATABASE_URL"] = await stack.databaseUrl()
  return async () => {
    await stack.stop()
  }
}
