import { inject } from "vitest"
import type { Server } from "./realm.fixture.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** scripts/keycloak/for-tests.ts: KEYCLOAK_URL's server, or one that was started for this run. */
    keycloak: Server
  }
}

export const serverUnderTest = (): Server => inject("keycloak")
