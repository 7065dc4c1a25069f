/** What the suites of this room begin with: a database, a provider in memory, clients on it, and a service that takes its secret. */
import { randomBytes } from "node:crypto"
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { ada } from "../registry/commands.fixture.ts"
import { providerRow } from "../registry/registry.fixture.ts"
import { revealSecret } from "../secrets/commands.ts"
import { useKey } from "../vault/key.ts"
import { onRevealed } from "./commands.ts"
import { placedClient, Simulator } from "./simulator.fixture.ts"
import { startRotation } from "./start.ts"

export class Stage {
  /** The id of the one provider. */
  provider = newId()
  /** What stands behind it; new before each test. */
  sim = new Simulator()
  private serial = 0

  readonly fresh = () => placedClient(this.sim, this.provider, `service-${++this.serial}`)

  /** Without grace, where `more` does not say otherwise. */
  readonly start = (clientId: string, more: object = {}) =>
    startRotation(
      ada,
      clientId,
      { provider_id: this.provider, confirm: false, grace_seconds: 0, ...more },
      this.sim.world,
    )

  readonly reveal = (clientId: string, secretId: string | null) =>
    revealSecret(ada, clientId, secretId ?? "", onRevealed, this.sim.world.open)

  /** The service takes the new secret and uses it. */
  readonly deliverTo = async (client: { id: string; name: string }, rotationId: string): Promise<void> => {
    const { newSecretId } = await db().rotation.findUniqueOrThrow({ where: { id: rotationId } })
    const revealed = await this.reveal(client.id, newSecretId)
    this.sim.holds.get(client.name)?.add(revealed.client_secret)
    this.sim.uses.set(revealed.fingerprint, new Date())
  }

  readonly logIsComplete = () => {
    this.sim.complete = new Date(Date.now() + 1_000)
  }
}

/** For the top of a test file. */
export function rotationStage(): Stage {
  const stage = new Stage()
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase()
    useKey(randomBytes(32))
    stage.provider = await providerRow("idp")
  })
  beforeEach(() => {
    stage.sim = new Simulator()
  })
  afterEach(() => useCrashHook(null))
  afterAll(() => database.drop())
  return stage
}

export const fetchState = async (id: string) => (await db().rotation.findUniqueOrThrow({ where: { id } })).state
export const fingerprintOf = async (id: string | null) =>
  (await db().clientSecret.findUniqueOrThrow({ where: { id: id ?? "" } })).fingerprint
/** Its next attempt need not wait any more. */
export const due = (id: string) => db().rotation.updateMany({ where: { id }, data: { nextAttemptAt: null } })
