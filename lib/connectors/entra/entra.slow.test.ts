import { connectorContract } from "../contract.ts"
import { contractTenant, samples, testTenant } from "./tenant.fixture.ts"

connectorContract("entra", async () => contractTenant(await testTenant()), samples)
