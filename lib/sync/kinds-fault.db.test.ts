/** An apply that is killed at every crash point, for the kinds whose own suites (auth0, cognito, entra, okta, keycloak) do not. */
import { killedAnywhere } from "./killed.fixture.ts"
import { localSubject } from "../playground/idp/subject.fixture.ts"
import { subjects } from "./kinds.fixture.ts"
import { testServers } from "./rig.fixture.ts"

const { database } = testServers()

const { oidc, openiddict } = subjects
const kinds = { oidc, openiddict, local: () => localSubject(database().url) }

for (const [kind, start] of Object.entries(kinds)) killedAnywhere(kind, start)
