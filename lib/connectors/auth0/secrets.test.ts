/** The one secret of a client. */
import { expect, test } from "vitest"
import { secretsOf } from "../contract-subject.ts"
import { newSecret } from "../fakes/auth0/state.ts"
import { change, lawRig } from "./laws.fixture.ts"

const rig = lawRig()

const issue = (key: string, value: string, marker: string) =>
  secretsOf(rig.tenant.open()).issue({ client: key, value, fingerprint: `fp_${marker}`, marker, expiresAt: null })

test("for thirty seconds either value may be accepted, and then only the new one", async () => {
  const { client, audience } = await rig.placed()
  const [first, second] = [newSecret(), newSecret()]
  const { client_id } = rig.tenant.client(client.key)
  const works = async (client_secret: string) =>
    (await rig.token({ client_id, client_secret, audience: audience.key })).status === 200
  await issue(client.key, first, "1")
  rig.tenant.fake.clock.advance(31_000)
  await issue(client.key, second, "2")
  expect([await works(first), await works(second)]).toEqual([true, true])
  rig.tenant.fake.clock.advance(31_000)
  expect([await works(first), await works(second)]).toEqual([false, true])
})

test("what Auth0 made for a client of ours is no secret of anyone's; an adopted client has one that we do not know", async () => {
  const { client } = await rig.placed()
  const theirs = rig.foreign({ name: "adopted-secret" })
  const secrets = secretsOf(rig.tenant.open())
  expect(await secrets.listSecrets(client.key)).toEqual([])
  expect(await secrets.listSecrets("adopted-secret")).toMatchObject([{ remoteId: "theirs", fingerprint: null }])
  expect((await secrets.strategyOf?.("adopted-secret"))?.why).toContain("made outside Grantry")
  const before = theirs.client_secret
  await secrets.retire("adopted-secret", "something else")
  expect(theirs.client_secret).toBe(before)
  await secrets.retire("adopted-secret", "theirs")
  expect(theirs.client_secret).not.toBe(before)
})

test("it is known by the marker and fingerprint that stand beside it, and ends by a value that nobody learns", async () => {
  const { client } = await rig.placed()
  const value = newSecret()
  await issue(client.key, value, "row-1")
  const secrets = secretsOf(rig.tenant.open())
  expect(await secrets.listSecrets(client.key)).toMatchObject([{ remoteId: "row-1", fingerprint: "fp_row-1" }])
  await secrets.retire(client.key, "row-0")
  expect(rig.tenant.client(client.key).client_secret).toBe(value)
  await secrets.retire(client.key, "row-1")
  expect(rig.tenant.client(client.key).client_secret).not.toBe(value)
  expect(await secrets.listSecrets(client.key)).toEqual([])
})

test("a client that proves itself with keys takes none", async () => {
  const { client, remoteId } = await rig.placed()
  const key = { ...client, fields: { ...client.fields, auth_method: "private_key_jwt", jwks: null } }
  await rig.port().update(remoteId("client"), key, change("auth_method", "client_secret_post", "private_key_jwt"))
  await expect(issue(client.key, newSecret(), "1")).rejects.toMatchObject({ code: "unsupported" })
})
