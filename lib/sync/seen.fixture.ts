/** What Grantry shows of a rig, for tests. */
import { db } from "../db/client.ts"
import { listSecrets } from "../secrets/queries.ts"
import { listDrift } from "./queries.ts"
import { ada, type Rig } from "./rig.fixture.ts"

const firstPage = { all: false, limit: 50, after: null }

/** The client of `fill`. */
export const clientOf = ({ tag }: Rig) => db().client.findUniqueOrThrow({ where: { name: `${tag}-order` } })

export const driftOf = async ({ providerId }: Rig) => (await listDrift(ada, providerId, firstPage)).items

export const secretsOf = async (clientId: string) => (await listSecrets(ada, clientId, firstPage)).items
