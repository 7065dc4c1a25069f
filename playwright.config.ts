import { defineConfig } from "@playwright/test"
import { browserFlags, findBrowser } from "./scripts/setup/browser.ts"

const executablePath = findBrowser()

/** Journeys in Chromium against the production build; e2e/global-setup.ts starts it on a port and a data folder of its own. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  globalSetup: "./e2e/global-setup.ts",
  outputDir: "test-results",
  forbidOnly: true,
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    ...(process.env["GRANTRY_E2E_URL"] ? { baseURL: process.env["GRANTRY_E2E_URL"] } : {}),
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    // What is not there to be pressed is told where it is missed, not when the whole journey's time is over.
    actionTimeout: 60_000,
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: { args: [...browserFlags], ...(executablePath ? { executablePath } : {}) },
  },
})
