import { connectorContract } from "../contract.ts"
import { contractTenant, publicKey, samples, testTenant } from "./tenant.fixture.ts"

connectorContract("auth0", async () => contractTenant(await testTenant()), samples(await publicKey("orders-2026-11")))
