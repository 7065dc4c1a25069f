import type { TestProject } from "vitest/node"
import { startFakeKeycloak } from "../../lib/connectors/fakes/keycloak/fake.ts"

/** Vitest's global setup: the suites of the real server on our fake, for machines without Java. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const fake = await startFakeKeycloak()
  project.provide("keycloak", { base_url: fake.url, admin: fake.admin })
  return () => fake.stop()
}
