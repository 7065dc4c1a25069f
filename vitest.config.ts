import { defineConfig } from "vitest/config"

/** `unit` needs nothing, `db` needs a real Postgres (DATABASE_URL, made by scripts/test.mjs), `slow` takes its time. */
const shared = {
  // "server-only" throws without this condition; the worker runs with it too.
  resolve: { conditions: ["react-server"] },
  ssr: { resolve: { conditions: ["react-server"] } },
}

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          // Unit tests hold no state between files, and a worker for each file would cost more than the tests.
          isolate: false,
          include: [
            "lib/**/*.test.ts",
            "app/**/*.test.ts",
            "components/**/*.test.ts",
            "scripts/**/*.test.ts",
            "cli/**/*.test.ts",
          ],
          exclude: ["**/*.db.test.ts", "**/*.slow.test.ts", "**/*.keycloak.test.ts"],
        },
      },
      {
        ...shared,
        test: {
          name: "db",
          include: ["lib/**/*.db.test.ts", "app/**/*.db.test.ts", "scripts/**/*.db.test.ts", "cli/**/*.db.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        ...shared,
        test: { name: "slow", include: ["lib/**/*.slow.test.ts", "scripts/**/*.slow.test.ts"], testTimeout: 60_000 },
      },
      {
        ...shared,
        // The suites of the real Keycloak on our fake, which needs no Java.
        test: {
          name: "slow-keycloak",
          include: ["lib/connectors/keycloak/*.keycloak.test.ts"],
          globalSetup: ["scripts/keycloak/fake-for-tests.ts"],
          testTimeout: 20_000,
        },
      },
      {
        ...shared,
        // On a real Keycloak: KEYCLOAK_URL's, or one that is started for it.
        test: {
          name: "keycloak",
          include: ["lib/**/*.keycloak.test.ts"],
          globalSetup: ["scripts/keycloak/for-tests.ts"],
          testTimeout: 60_000,
          hookTimeout: 240_000,
          // One after the other: realms that are made side by side wait for each other.
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        // Whole stacks whose parts are killed: one after the other, on the production build.
        test: {
          name: "fault",
          include: ["e2e/**/*.fault.ts"],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
})
