/** Public keys of clients that use private_key_jwt. */
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { expect, test } from "vitest"
import type { Json } from "../../base/json.ts"
import { grantKey, type DesiredObject } from "../objects.ts"
import { change, grant, lawRig } from "./laws.fixture.ts"
import { foreignCredential, publicKey } from "./tenant.fixture.ts"

const rig = lawRig()

const keyed = async (...jwks: readonly Json[]): Promise<DesiredObject> => {
  const { client } = rig.fresh()
  return { ...client, fields: { ...client.fields, auth_method: "private_key_jwt", jwks: { keys: jwks } } }
}
const kids = (key: string) => {
  const { client_authentication_methods: methods, client_id } = rig.tenant.client(key)
  const there = rig.tenant.fake.tenant.credentials.get(client_id) ?? []
  expect(methods?.private_key_jwt.credentials.map(({ id }) => id).toSorted()).toEqual(
    there.map(({ id }) => id).toSorted(),
  )
  return there.map(({ kid }) => kid).toSorted()
}
const withKeys = (object: DesiredObject, ...keys: readonly Json[]): DesiredObject => ({
  ...object,
  fields: { ...object.fields, jwks: { keys } },
})

test("a client is made with its key, and fetches a token by an assertion of it (RFC 7523)", async () => {
  const pair = await generateKeyPair("RS256", { extractable: true })
  const { kty = "", n = "", e = "" } = await exportJWK(pair.publicKey)
  const object = await keyed({ kty, n, e, kid: "orders-key-1", alg: "RS256" })
  const created = await rig.port().create(object, "m")
  expect(created.fields).toEqual(object.fields)
  const { audience } = rig.fresh()
  await rig.port().create(audience, "m")
  await rig.port().create({ ...grant, key: grantKey(object.key, audience.key) }, "m")
  const assertion = await new SignJWT({ jti: "1" })
    .setProtectedHeader({ alg: "RS256", kid: "orders-key-1" })
    .setIssuer(created.remoteId)
    .setSubject(created.remoteId)
    .setAudience(`${rig.tenant.fake.url}/`)
    .setExpirationTime(new Date(rig.tenant.fake.clock.now().getTime() + 60_000))
    .sign(pair.privateKey)
  expect(
    (await rig.token({ client_id: created.remoteId, client_assertion: assertion, audience: audience.key })).status,
  ).toBe(200)
  const secret = rig.tenant.client(object.key).client_secret
  expect((await rig.token({ client_id: created.remoteId, client_secret: secret, audience: audience.key })).status).toBe(
    401,
  )
})

test("a second key joins the first, the first leaves: both are live between", async () => {
  const [a, b] = [await publicKey("key-aaaaaaaa"), await publicKey("key-bbbbbbbb")]
  const object = await keyed(a)
  const { remoteId } = await rig.port().create(object, "m")
  await rig.port().update(remoteId, withKeys(object, a, b), change("jwks", null, null))
  expect(kids(object.key)).toEqual(["key-aaaaaaaa", "key-bbbbbbbb"])
  const done = await rig.port().update(remoteId, withKeys(object, b), change("jwks", null, null))
  expect(kids(object.key)).toEqual(["key-bbbbbbbb"])
  expect(done.fields.jwks).toEqual({ keys: [b] })
})

test("two keys give way to two others, though only two are allowed at a time", async () => {
  const keys = await Promise.all(["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd"].map(publicKey))
  const object = await keyed(...keys.slice(0, 2))
  const { remoteId } = await rig.port().create(object, "m")
  await rig.port().update(remoteId, withKeys(object, ...keys.slice(2)), change("jwks", null, null))
  expect(kids(object.key)).toEqual(["cccccccccc", "dddddddddd"])
})

test("a key whose answer was lost is found by its name and not added twice", async () => {
  const [a, b] = [await publicKey("key-aaaaaaaa"), await publicKey("key-bbbbbbbb")]
  const object = await keyed(a)
  const { remoteId } = await rig.port().create(object, "m")
  rig.tenant.fake.faults.add({
    match: ({ method, path }) => method === "POST" && path.endsWith("/credentials"),
    answer: "lost",
  })
  const both = withKeys(object, a, b)
  await expect(rig.port().update(remoteId, both, change("jwks", null, null))).rejects.toMatchObject({
    code: "lost_answer",
  })
  const done = await rig.port().update(remoteId, both, change("jwks", null, null))
  expect(kids(object.key)).toEqual(["key-aaaaaaaa", "key-bbbbbbbb"])
  expect(done.fields).toEqual(both.fields)
})

test("a stranger's key shows by what Auth0 tells of it, so it is drift", async () => {
  const mine = await publicKey("key-aaaaaaaa")
  const object = await keyed(mine)
  await rig.port().create(object, "m")
  const { client_id, client_authentication_methods: methods } = rig.tenant.client(object.key)
  const other = await foreignCredential(await publicKey("key-stranger"))
  rig.tenant.fake.tenant.credentials.set(client_id, [
    ...(rig.tenant.fake.tenant.credentials.get(client_id) ?? []),
    other,
  ])
  methods?.private_key_jwt.credentials.push({ id: other.id })
  expect((await rig.port().find("client", object.key))?.fields.jwks).toEqual({
    keys: [mine, { kid: "key-stranger", alg: "RS256" }],
  })
})

test("back to a secret, the keys end", async () => {
  const object = await keyed(await publicKey("key-aaaaaaaa"))
  const { remoteId } = await rig.port().create(object, "m")
  const back = { ...object, fields: { ...object.fields, auth_method: "client_secret_basic", jwks: null } }
  const done = await rig.port().update(remoteId, back, change("auth_method", "private_key_jwt", "client_secret_basic"))
  expect(done.fields).toMatchObject({ auth_method: "client_secret_basic", jwks: null })
  expect(rig.tenant.fake.tenant.credentials.get(remoteId)).toEqual([])
})
