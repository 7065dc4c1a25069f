/** The contract of sync, for every kind of provider that needs nothing beside itself. */
import { syncContract } from "./connector-contract.ts"
import { localSubject } from "../playground/idp/subject.fixture.ts"
import { subjects } from "./kinds.fixture.ts"
import { testServers } from "./rig.fixture.ts"

const { database } = testServers()

const local = () => localSubject(database().url)

for (const [kind, start] of Object.entries({ ...subjects, local })) syncContract(kind, start)
