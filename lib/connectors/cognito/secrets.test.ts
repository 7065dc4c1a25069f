/** The two secrets of a client. */
import { inspect } from "node:util"
import { expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { secretsOf } from "../contract-subject.ts"
import { addSecretTo, newSecretValue } from "../fakes/cognito/state.ts"
import { lawRig } from "./laws.fixture.ts"
import { foreignClient, localFetch, operationOf } from "./pool.fixture.ts"
import { remoteClient } from "./shapes.ts"

const rig = lawRig()

const issue = (client: string, value: string, marker: string, fetch?: GuardedFetch) =>
  secretsOf(rig.pool.open(fetch)).issue({ client, value, fingerprint: `fp_${marker}`, marker, expiresAt: null })
const values = (client: string) => rig.pool.client(client).secrets.map(({ value }) => value)

test("the one that AWS made with a client of ours is no secret of anyone's, and goes with our first", async () => {
  const { client } = await rig.placed()
  expect(values(client.key)).toHaveLength(1)
  expect(await secretsOf(rig.pool.open()).listSecrets(client.key)).toEqual([])
  const value = newSecretValue()
  await issue(client.key, value, "1")
  expect(values(client.key)).toEqual([value])
  expect(await secretsOf(rig.pool.open()).listSecrets(client.key)).toMatchObject([
    { remoteId: expect.stringMatching(/--\d+$/), marker: "1", fingerprint: "fp_1", expiresAt: null },
  ])
})

test("the one of an adopted client is in use: it overlaps with ours, and two of them are full", async () => {
  const theirs = foreignClient(rig.pool.fake.pool, "adopted-secret", {}, [])
  const [before = ""] = values("adopted-secret")
  const value = newSecretValue()
  await issue("adopted-secret", value, "1")
  expect(values("adopted-secret")).toEqual([before, value])
  const full = await issue("adopted-secret", newSecretValue(), "2").catch((error: unknown) => error)
  expect(full).toMatchObject({ code: "quota" })
  // Both are shown, and neither is touched.
  for (const { id } of theirs.secrets) expect(String(full)).toContain(id)
  expect(values("adopted-secret")).toEqual([before, value])
})

test("a foreign one beside the one that nobody has: the latter makes room", async () => {
  const { client } = await rig.placed()
  const held = rig.pool.client(client.key)
  const foreign = addSecretTo(rig.pool.fake.pool, held, newSecretValue()).value
  const value = newSecretValue()
  await issue(client.key, value, "1")
  expect(values(client.key)).toEqual([foreign, value])
})

test("the last one cannot be deleted, and one that is not there is deleted already", async () => {
  const { client } = await rig.placed()
  const secrets = secretsOf(rig.pool.open())
  const { remoteId } = await issue(client.key, newSecretValue(), "1")
  await expect(secrets.retire(client.key, remoteId)).rejects.toMatchObject({ code: "conflict" })
  await secrets.retire(client.key, "somebody--1")
  expect(values(client.key)).toHaveLength(1)
})

const cutAfter = (operation: string): GuardedFetch => {
  return async (url, init) => {
    const answer = await localFetch(url, init)
    if (operationOf(init) === operation) throw new Error("the process ends here")
    return answer
  }
}

test.each(["AddUserPoolClientSecret", "DeleteUserPoolClientSecret"])(
  "killed after %s and resumed under the same marker: one secret, ours",
  async (operation) => {
    const { client } = await rig.placed()
    const value = newSecretValue()
    await expect(issue(client.key, value, "1", cutAfter(operation))).rejects.toThrow("the process ends here")
    const { remoteId } = await issue(client.key, value, "1")
    expect(rig.pool.client(client.key).secrets.map(({ id, value: held }) => [id, held])).toEqual([[remoteId, value]])
    // What somebody adds from now on is never taken for the one that nobody has.
    const foreign = addSecretTo(rig.pool.fake.pool, rig.pool.client(client.key), newSecretValue())
    expect((await secretsOf(rig.pool.open()).listSecrets(client.key)).map((one) => one.remoteId)).toContain(foreign.id)
  },
)

/** Runs this right before the first request to add a secret goes out; what it answers is the answer. */
function beforeAdding(run: () => Awaited<ReturnType<GuardedFetch>> | void): GuardedFetch {
  let isFirst = true
  return async (url, init) => {
    if (!isFirst || operationOf(init) !== "AddUserPoolClientSecret") return await localFetch(url, init)
    isFirst = false
    return run() ?? (await localFetch(url, init))
  }
}

test("after a refusal a secret that somebody adds is theirs: the same marker asked again is refused, and it is shown as nobody's", async () => {
  const theirs = foreignClient(rig.pool.fake.pool, "adopted-refused", {}, [])
  const add = () => void addSecretTo(rig.pool.fake.pool, theirs, newSecretValue())
  const value = newSecretValue()
  await expect(issue("adopted-refused", value, "1", beforeAdding(add))).rejects.toMatchObject({ code: "quota" })
  const before = values("adopted-refused")
  await expect(issue("adopted-refused", value, "1")).rejects.toMatchObject({ code: "quota" })
  const listed = await secretsOf(rig.pool.open()).listSecrets("adopted-refused")
  expect(listed.map(({ marker, fingerprint }) => [marker, fingerprint])).toEqual([
    [null, null],
    [null, null],
  ])
  expect(values("adopted-refused")).toEqual(before)
})

test("nor is it taken for the one that nobody has, once that one has made room", async () => {
  const { client } = await rig.placed()
  const held = rig.pool.client(client.key)
  const foreign = addSecretTo(rig.pool.fake.pool, held, newSecretValue()).value
  const slow = { status: 400, headers: new Headers(), text: '{"__type":"TooManyRequestsException"}' }
  const value = newSecretValue()
  await expect(
    issue(
      client.key,
      value,
      "1",
      beforeAdding(() => slow),
    ),
  ).rejects.toMatchObject({ code: "rate_limited" })
  await issue(client.key, value, "1")
  expect(values(client.key)).toEqual([foreign, value])
})

test("a client that registered itself takes no second secret; a value that Cognito would refuse is not sent", async () => {
  const theirs = foreignClient(rig.pool.fake.pool, "dcr", {}, [])
  rig.pool.fake.pool.clients.set(theirs.id, { ...theirs, type: "DCR" })
  await expect(issue("dcr", newSecretValue(), "1")).rejects.toMatchObject({ code: "feature_missing" })
  const { client } = await rig.placed()
  const { fetch, sent } = rig.watched()
  for (const value of ["short", "x".repeat(65), `${"x".repeat(30)}-`])
    await expect(issue(client.key, value, "1", fetch)).rejects.toMatchObject({ code: "invalid" })
  expect(sent).toEqual([])
})

test("the secret that a description shows goes nowhere", async () => {
  const { client } = await rig.placed()
  const [shown = ""] = values(client.key)
  const port = rig.pool.open().write
  if (!("observe" in port)) throw new Error("no write port")
  expect(JSON.stringify(await port.observe())).not.toContain(shown)
  expect(JSON.stringify(await port.find("client", client.key))).not.toContain(shown)
  expect(remoteClient.parse({ ClientId: "a", ClientSecret: shown })).not.toHaveProperty("ClientSecret")
})

test("nor into an error, when the description is cut off right behind it", async () => {
  const { client } = await rig.placed()
  const [shown = ""] = values(client.key)
  const cut: GuardedFetch = async (url, init) => {
    const answer = await localFetch(url, init)
    const end = answer.text.indexOf(shown) + shown.length
    return operationOf(init) === "DescribeUserPoolClient" ? { ...answer, text: answer.text.slice(0, end) } : answer
  }
  const error = await secretsOf(rig.pool.open(cut))
    .listSecrets(client.key)
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({
    name: "ConnectorError",
    code: "unknown",
    excerpt: expect.stringContaining("ClientName"),
  })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(shown)
})
