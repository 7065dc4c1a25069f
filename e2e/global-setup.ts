import { randomBytes } from "node:crypto"
import { startStack } from "../scripts/stack.ts"

/** What every journey may rely on. */
export const admin = { email: "admin@example.com", password: "correct horse battery staple" }

/**
 * Starts the production build unless GRANTRY_E2E_URL names a running one (then GRANTRY_E2E_TOKEN is its API token).
 * Workers see address and token in the same two variables.
 */
export default async function globalSetup(): Promise<() => Promise<void>> {
  if (process.env["GRANTRY_E2E_URL"]) return async () => {}
  const token = `gty_${randomBytes(32).toString("base64url")}`
  const stack = await startStack({
    env: { GRANTRY_BOOTSTRAP_TOKEN: token, GRANTRY_ADMIN_EMAIL: admin.email, GRANTRY_ADMIN_PASSWORD: admin.password },
  })
  process.env["GRANTRY_E2E_URL"] = stack.url
  process.env["GRANTRY_E2E_TOKEN"] = token
  return async () => {
    await stack.stop()
  }
}
