/** How we log in, and what Okta's refusals come to. */
import { exportJWK, generateKeyPair } from "jose"
import { expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { hourMs } from "../../base/time.ts"
import { writing } from "../contract-subject.ts"
import { crowded } from "../fakes/okta/fake.ts"
import { refusal } from "../fakes/okta/law.ts"
import { lawRig } from "./laws.fixture.ts"
import { localFetch } from "./org.fixture.ts"
import { privileges } from "./privileges.ts"
import { oktaSettings } from "./settings.ts"

const rig = lawRig()
const everything = privileges.map(({ name }) => name)
const isLogin = (url: string) => url.endsWith("/oauth2/v1/token")

function counting(): { readonly fetch: GuardedFetch; logins: () => number } {
  let logins = 0
  return {
    async fetch(url, init) {
      if (isLogin(url)) logins += 1
      return await localFetch(url, init)
    },
    logins: () => logins,
  }
}
const checks = async () => Object.fromEntries((await rig.open().check()).map((one) => [one.name, one]))

test("one token serves many calls at once; it is renewed before its end, and once more where the org no longer takes it", async () => {
  const { fetch, logins } = counting()
  const port = writing(rig.org.open(fetch))
  await Promise.all([port.observe(), port.observe(), port.find("client", "nobody-here")])
  expect(logins()).toBe(1)
  rig.org.fake.clock.advance(hourMs - 59_000)
  await port.observe()
  expect(logins()).toBe(2)
  const answer = refusal(401, "E0000011", "Invalid token provided")
  rig.org.fake.faults.add({ match: ({ path }) => path === "/api/v1/apps", answer })
  await port.observe()
  expect(logins()).toBe(3)
})

test("at most five requests are under way at once", async () => {
  for (let i = 0; i < 4; i++) await rig.placed()
  let [now, most] = [0, 0]
  const fetch: GuardedFetch = async (url, init) => {
    most = Math.max(most, ++now)
    try {
      return await localFetch(url, init)
    } finally {
      now -= 1
    }
  }
  const port = writing(rig.org.open(fetch))
  await Promise.all([port.observe(), port.observe(), port.observe()])
  expect(most).toBe(5)
})

test("a 401 that stays is auth_failed, after one more login", async () => {
  const { fetch, logins } = counting()
  const port = writing(rig.org.open(fetch))
  rig.org.fake.faults.add({
    match: ({ path }) => path === "/api/v1/apps",
    times: 5,
    answer: refusal(401, "E0000011", "Invalid token provided"),
  })
  await expect(port.find("client", "nobody-here")).rejects.toMatchObject({
    code: "auth_failed",
    providerCode: "E0000011",
  })
  expect(logins()).toBe(2)
})

test("without API Access Management it is the feature that is missing, not our credentials: no second login, and the check says so", async () => {
  rig.org.fake.org.modes.apiAccessManagement = false
  const { fetch, logins } = counting()
  await expect(writing(rig.org.open(fetch)).observe()).rejects.toMatchObject({
    code: "feature_missing",
    httpStatus: 401,
    providerCode: "E0000015",
  })
  expect(logins()).toBe(1)
  expect(await checks()).toMatchObject({
    login: { is: "pass" },
    read: { is: "pass" },
    api_access_management: { is: "fail", why: expect.stringContaining("API Access Management") },
    policies: { is: "skip" },
  })
})

test("a scope that was not granted costs what it was for, and nothing else", async () => {
  try {
    rig.org.fake.allow(everything.filter((name) => name !== "okta.logs.read" && name !== "okta.apps.manage"))
    expect(await checks()).toMatchObject({
      login: { is: "pass" },
      read: { is: "pass" },
      privileges: { is: "warn", why: expect.stringContaining("lacks okta.apps.manage:") },
      logs: { is: "warn", why: expect.stringContaining("okta.logs.read") },
    })
    await expect(rig.port().create(rig.fresh().client, "p:c")).rejects.toMatchObject({
      code: "forbidden",
      providerCode: "E0000006",
    })
    rig.org.fake.allow(["okta.apps.read"])
    expect(await checks()).toMatchObject({ privileges: { is: "fail" }, api_access_management: { is: "fail" } })
    rig.org.fake.allow([])
    expect(await checks()).toMatchObject({
      login: { is: "fail", why: expect.stringContaining("None of the Okta scopes") },
      read: { is: "skip" },
    })
  } finally {
    rig.org.fake.allow(everything)
  }
})

test("a wrong key is bad credentials, and the key is in no error", async () => {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true })
  const private_key_jwk = JSON.stringify({ ...(await exportJWK(privateKey)), kid: "x" })
  const connector = rig.org.open(localFetch, { ...rig.org.fake.settings, private_key_jwk })
  const error = await writing(connector)
    .observe()
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: "auth_failed", step: "log in", providerCode: "invalid_client" })
  expect(JSON.stringify(error)).not.toContain(String(JSON.parse(private_key_jwk).d))
  const useless = JSON.stringify({ kty: "RSA", kid: "x", d: "AQAB" })
  const cannot = rig.org.open(localFetch, { ...rig.org.fake.settings, private_key_jwk: useless })
  await expect(writing(cannot).observe()).rejects.toMatchObject({ code: "auth_failed" })
})

test("an API token needs no login; a dead one is auth_failed at once", async () => {
  const { fetch, logins } = counting()
  const base_url = `${rig.org.fake.url}/`
  const port = writing(rig.org.open(fetch, { base_url, api_token: rig.org.fake.apiToken }))
  expect((await port.observe()).length).toBeGreaterThanOrEqual(0)
  const dead = writing(rig.org.open(fetch, { base_url, api_token: "00dead" }))
  await expect(dead.observe()).rejects.toMatchObject({ code: "auth_failed" })
  expect(logins()).toBe(0)
  expect(
    (await rig.org.open(fetch, { base_url, api_token: rig.org.fake.apiToken }).check()).filter(
      ({ is }) => is === "fail",
    ),
  ).toEqual([])
})

test.each([
  ["nothing to log in with", {}],
  ["an app without its key", { client_id: "0oa1" }],
  ["a public key", { client_id: "0oa1", private_key_jwk: '{"kty":"RSA","n":"AQAB","e":"AQAB"}' }],
  ["a key without kid", { client_id: "0oa1", private_key_jwk: '{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}' }],
  ["an empty kid", { client_id: "0oa1", private_key_jwk: '{"kty":"RSA","kid":"","n":"AQAB","e":"AQAB","d":"AQAB"}' }],
  ["no JSON", { client_id: "0oa1", private_key_jwk: "-----BEGIN PRIVATE KEY-----" }],
  ["a server's id with a slash", { api_token: "x", authorization_server_id: "aus1/../x" }],
])("settings with %s are refused", (_name, given) => {
  expect(oktaSettings.safeParse({ base_url: "https://acme.okta.com", ...given }).success).toBe(false)
})

test("too many in a minute: we come back when the window ends", async () => {
  const port = rig.port()
  await port.find("client", "nobody-here")
  rig.org.fake.clock.advance(61_000)
  rig.org.fake.org.modes.perMinute = 1
  await port.observe().catch(() => null)
  const error = await port.observe().catch((caught: unknown) => caught)
  expect(error).toMatchObject({
    code: "rate_limited",
    httpStatus: 429,
    providerCode: "E0000047",
    requestId: expect.stringMatching(/^req/),
  })
  const { retryAt } = error as { retryAt: Date }
  const inMs = retryAt.getTime() - rig.org.fake.clock.now().getTime()
  expect(inMs).toBeGreaterThan(1_000)
  expect(inMs).toBeLessThanOrEqual(61_000)
})

test("too many at once (limit 0): the reset is only a hint, so we come back within seconds", async () => {
  rig.org.fake.faults.add({ match: ({ path }) => path === "/api/v1/apps", answer: crowded(rig.org.fake.clock.now()) })
  const error = await rig
    .port()
    .find("client", "nobody-here")
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: "rate_limited", providerCode: "E0000047" })
  const inMs = (error as { retryAt: Date }).retryAt.getTime() - rig.org.fake.clock.now().getTime()
  expect(inMs).toBeGreaterThan(500)
  expect(inMs).toBeLessThanOrEqual(5_000)
})

test("the fake as a process prints its address and settings that are this org", async () => {
  expect(Object.keys(rig.org.fake.settings).toSorted()).toEqual(["base_url", "client_id", "private_key_jwk"])
  expect(oktaSettings.parse(rig.org.fake.settings)).toEqual(rig.org.fake.settings)
})
