/** Two secrets, and everything that may happen to them. */
import { expect, test } from "vitest"
import { secretsOf, writing } from "../contract-subject.ts"
import { change, lawRig } from "./laws.fixture.ts"
import { newApp, publicKey } from "./org.fixture.ts"

const rig = lawRig()
const stored = (client: string) => rig.org.app(client).secrets
const secretsPath = (client: string) => `/api/v1/apps/${rig.org.app(client).id}/credentials/secrets`
const reads = () =>
  rig.org.fake.org.log.filter(({ eventType }) => eventType === "app.oauth2.client.read_client_secret").length

/** An app that somebody made by hand, with the secret that Okta made for it and its service uses. */
async function foreign(): Promise<string> {
  const { client } = rig.fresh()
  await rig.org.admin("POST", "/api/v1/apps", newApp(client.key, client.fields))
  return client.key
}

test("the secret that Okta makes with an app of ours is seen by nobody, and goes with the first one issued", async () => {
  const { client } = await rig.placed()
  const [made] = stored(client.key)
  expect(await rig.secrets().listSecrets(client.key)).toEqual([])
  const first = await rig.issued(client.key, "r:0")
  expect(stored(client.key).map(({ value }) => value)).toEqual([first.value])
  expect(stored(client.key)[0]?.id).not.toBe(made?.id)
  const second = await rig.issued(client.key, "r:1")
  expect(stored(client.key).map(({ value }) => value)).toEqual([first.value, second.value])
})

test("what is remembered of secrets goes with them: after many rotations as little is kept as after one, and nothing of a client that is gone", async () => {
  const { client, remoteIds } = await rig.placed()
  const kept = async () => await rig.org.memory.read(`secrets of ${remoteIds.client}`)
  const live: string[] = []
  for (let i = 0; i < 5; i++) {
    live.push((await rig.issued(client.key, `r:${i}`)).remoteId)
    if (live.length > 1) await rig.secrets().retire(client.key, live.shift() ?? "")
  }
  const notes = JSON.parse((await kept()) ?? "") as { ours: object; ended: string[] }
  const ids = stored(client.key).map(({ id }) => id)
  expect(Object.keys(notes.ours).toSorted()).toEqual(ids.toSorted())
  expect(notes.ended).toEqual(ids.filter((id) => !live.includes(id)))
  await rig.port().remove("client", remoteIds.client, client.key)
  expect(await kept()).toBeNull()
})

test("a crash after the first secret and before the unseen one is gone is made good by the next", async () => {
  const { client } = await rig.placed()
  rig.org.fake.faults.add({ match: ({ path }) => path.endsWith("/lifecycle/deactivate"), answer: "lost" })
  await expect(rig.issued(client.key, "r:0")).rejects.toMatchObject({ code: "unavailable" })
  expect(stored(client.key)).toHaveLength(2)
  expect((await rig.secrets().listSecrets(client.key)).map(({ marker }) => marker)).toEqual(["r:0"])
  await rig.issued(client.key, "r:1")
  expect((await rig.secrets().listSecrets(client.key)).map(({ marker }) => marker)).toEqual(["r:0", "r:1"])
})

test("an adopted app's own secret is in use: it is listed, and issuing leaves it alone", async () => {
  const client = await foreign()
  const [theirs] = stored(client)
  expect((await rig.secrets().listSecrets(client)).map(({ remoteId, marker }) => [remoteId, marker])).toEqual([
    [theirs?.id, null],
  ])
  const ours = await rig.issued(client, "r:0")
  expect(stored(client).map(({ id, status }) => [id, status])).toEqual([
    [theirs?.id, "ACTIVE"],
    [ours.remoteId, "ACTIVE"],
  ])
})

test("two present already are refused as a quota, both are named, and neither is touched", async () => {
  const client = await foreign()
  await rig.org.admin("POST", secretsPath(client), {})
  const before = stored(client).map(({ id, status }) => [id, status])
  const error = await rig.issued(client, "r:0").catch((caught: unknown) => caught)
  expect(error).toMatchObject({ name: "ConnectorError", code: "quota" })
  for (const { id } of stored(client)) expect(String(error)).toContain(id)
  expect(stored(client).map(({ id, status }) => [id, status])).toEqual(before)
})

test("an inactive secret that somebody else switched off counts, and is not ours to delete", async () => {
  const client = await foreign()
  const { id } = await rig.org.admin("POST", secretsPath(client), {})
  await rig.org.admin("POST", `${secretsPath(client)}/${String(id)}/lifecycle/deactivate`)
  await expect(rig.issued(client, "r:0")).rejects.toMatchObject({ code: "quota" })
  expect(stored(client)).toHaveLength(2)
})

test("retiring deactivates: an administrator can bring it back until the next secret needs its place", async () => {
  const objects = await rig.placed()
  const { key } = objects.client
  const first = await rig.issued(key, "r:0")
  const second = await rig.issued(key, "r:1")
  await rig.secrets().retire(key, first.remoteId)
  expect((await rig.token(objects, first.value)).error).toBe("invalid_client")
  expect((await rig.secrets().listSecrets(key)).map(({ remoteId }) => remoteId)).toEqual([second.remoteId])
  await rig.org.admin("POST", `${secretsPath(key)}/${first.remoteId}/lifecycle/activate`)
  expect((await rig.token(objects, first.value)).error).toBeNull()
  expect((await rig.secrets().listSecrets(key)).map(({ remoteId }) => remoteId)).toContain(first.remoteId)
  await rig.secrets().retire(key, first.remoteId)
  const third = await rig.issued(key, "r:2")
  expect(stored(key).map(({ id }) => id)).toEqual([second.remoteId, third.remoteId])
})

test("a foreign secret that we retired makes way for the next one", async () => {
  const client = await foreign()
  const [theirs] = stored(client)
  const ours = await rig.issued(client, "r:0")
  await rig.secrets().retire(client, theirs?.id ?? "")
  const next = await rig.issued(client, "r:1")
  expect(stored(client).map(({ id }) => id)).toEqual([ours.remoteId, next.remoteId])
})

test("the only active secret is not ended: the conflict says what to do", async () => {
  const { client } = await rig.placed()
  const { remoteId } = await rig.issued(client.key, "r:0")
  await expect(rig.secrets().retire(client.key, remoteId)).rejects.toMatchObject({ code: "conflict" })
  expect(stored(client.key)[0]?.status).toBe("ACTIVE")
})

test("where lists hide the values, a lost answer is still one secret, not two", async () => {
  rig.org.fake.org.modes.clearSecrets = false
  const { client } = await rig.placed()
  await rig.issued(client.key, "r:0")
  rig.org.fake.faults.add({
    match: ({ method, path }) => method === "POST" && path.endsWith("/secrets"),
    answer: "lost",
  })
  const input = { client: client.key, value: "v".repeat(43), fingerprint: "fp_1", marker: "r:1", expiresAt: null }
  await expect(rig.secrets().issue(input)).rejects.toMatchObject({ code: "lost_answer" })
  const { remoteId } = await rig.secrets().issue(input)
  expect(stored(client.key).map(({ value }) => value)).toContain(input.value)
  expect(stored(client.key)).toHaveLength(2)
  expect((await rig.secrets().listSecrets(client.key)).find((one) => one.remoteId === remoteId)).toMatchObject({
    marker: "r:1",
    fingerprint: "fp_1",
  })
})

test("a secret that a person added while the values are clear is never taken for the one whose answer was lost", async () => {
  const { client } = await rig.placed()
  await rig.issued(client.key, "r:0")
  rig.org.fake.faults.add({
    match: ({ method, path }) => method === "POST" && path.endsWith("/secrets"),
    answer: { status: 503 },
  })
  const input = { client: client.key, value: "v".repeat(43), fingerprint: "fp_1", marker: "r:1", expiresAt: null }
  await expect(rig.secrets().issue(input)).rejects.toMatchObject({ code: "lost_answer" })
  await rig.org.admin("POST", secretsPath(client.key), {})
  await expect(rig.secrets().issue(input)).rejects.toMatchObject({ code: "quota" })
})

test("where lists hide the values, what a person adds after a refusal is theirs", async () => {
  rig.org.fake.org.modes.clearSecrets = false
  const client = await foreign()
  rig.org.fake.faults.add({
    match: ({ method, path }) => method === "POST" && path.endsWith("/secrets"),
    answer: { status: 429 },
  })
  await expect(rig.issued(client, "r:0")).rejects.toMatchObject({ code: "rate_limited" })
  await rig.org.admin("POST", secretsPath(client), {})
  await expect(rig.issued(client, "r:0")).rejects.toMatchObject({ code: "quota" })
  expect((await rig.secrets().listSecrets(client)).map(({ marker }) => marker)).toEqual([null, null])
})

test("reading for drift, checking and applying list no secrets, since each listing is an event in the customer's log", async () => {
  const before = reads()
  const { client, remoteIds } = await rig.placed()
  await rig.port().observe()
  await rig.port().find("client", client.key)
  await rig.open().check()
  await rig.port().update(remoteIds.client, client, change("owner", "", "team-b"))
  expect(reads()).toBe(before)
  await rig.issued(client.key, "r:0")
  expect(reads()).toBeGreaterThan(before)
})

test("no update carries a secret, and none disturbs the live ones", async () => {
  const objects = await rig.placed()
  const { client, remoteIds } = objects
  const { value } = await rig.issued(client.key, "r:0")
  const { fetch, sent } = rig.watched()
  for (const [field, to] of [
    ["display_name", "Orders 2"],
    ["owner", "team-b"],
    ["auth_method", "client_secret_post"],
    ["auth_method", "client_secret_basic"],
  ] as const)
    await writing(rig.org.open(fetch)).update(remoteIds.client, client, change(field, null, to))
  expect(sent.filter(({ method }) => method === "PUT")).toHaveLength(4)
  for (const { body } of sent) expect(body).not.toContain('client_secret":')
  expect((await rig.token(objects, value)).error).toBeNull()
})

test("a client that goes over to keys loses its secrets and is refused another; coming back, what Okta made goes with the next one", async () => {
  const { client, remoteIds } = await rig.placed()
  await rig.issued(client.key, "r:0")
  const jwks = { keys: [await publicKey("k1")] }
  const keyed = { ...client, fields: { ...client.fields, jwks, auth_method: "private_key_jwt" } }
  await rig
    .port()
    .update(remoteIds.client, keyed, [
      ...change("jwks", null, jwks),
      ...change("auth_method", "client_secret_basic", "private_key_jwt"),
    ])
  expect(stored(client.key)).toEqual([])
  await expect(rig.issued(client.key, "r:1")).rejects.toMatchObject({ code: "unsupported" })
  expect(await rig.secrets().listSecrets(client.key)).toEqual([])
  await rig.port().update(remoteIds.client, client, change("auth_method", "private_key_jwt", "client_secret_basic"))
  expect(await rig.secrets().listSecrets(client.key)).toEqual([])
  const { value } = await rig.issued(client.key, "r:2")
  expect(stored(client.key).map((one) => one.value)).toEqual([value])
})

test("an adopted client that we took back from keys has a secret that nobody saw, and it goes too", async () => {
  const { client } = rig.fresh()
  const jwks = { keys: [await publicKey("k1")] }
  const app = newApp(client.key, { ...client.fields, auth_method: "private_key_jwt" })
  const { id } = await rig.org.admin("POST", "/api/v1/apps", {
    ...app,
    settings: { oauthClient: { ...app.settings.oauthClient, jwks } },
  })
  await rig.port().update(String(id), client, change("auth_method", "private_key_jwt", "client_secret_basic"))
  expect(stored(client.key)).toHaveLength(1)
  const { value } = await rig.issued(client.key, "r:0")
  expect(stored(client.key).map((one) => one.value)).toEqual([value])
})

test("a secret that an answer shows unasked is not carried back by an update", async () => {
  const objects = await rig.placed()
  const { client, remoteIds } = objects
  const { value } = await rig.issued(client.key, "r:0")
  const { fetch, sent } = rig.watched()
  const showing: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init)
    const told = answer.text.replaceAll(
      '"token_endpoint_auth_method"',
      '"client_secret":"shown-unasked-1","token_endpoint_auth_method"',
    )
    return { ...answer, text: told }
  }
  await writing(rig.org.open(showing)).update(remoteIds.client, client, change("owner", null, "team-b"))
  expect(sent.some(({ method }) => method === "PUT")).toBe(true)
  for (const { body } of sent) expect(body).not.toContain("shown-unasked-1")
  expect((await rig.token(objects, value)).error).toBeNull()
})

test("a value that Okta does not take is refused as invalid, and no error repeats it", async () => {
  const { client } = await rig.placed()
  const value = "t00-short-val"
  const error = await secretsOf(rig.open())
    .issue({ client: client.key, value, fingerprint: "fp", marker: "m", expiresAt: null })
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: "invalid", providerCode: "E0000001" })
  expect(JSON.stringify(error)).not.toContain(value)
})
