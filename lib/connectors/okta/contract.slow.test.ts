import { connectorContract } from "../contract.ts"
import { contractOrg, publicKey, samples, testOrg } from "./org.fixture.ts"

connectorContract("okta", async () => contractOrg(await testOrg()), samples(await publicKey("orders-2026-11")))
