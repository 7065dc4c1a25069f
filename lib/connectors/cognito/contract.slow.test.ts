import { connectorContract } from "../contract.ts"
import { contractPool, samples, testPool } from "./pool.fixture.ts"

connectorContract("cognito", async () => contractPool(await testPool()), samples)
