/** Signatures: the fake checks them by itself, the SDK proves the fake, the fake proves the connector. */
import { CognitoIdentityProviderClient, DescribeUserPoolCommand } from "@aws-sdk/client-cognito-identity-provider"
import { afterEach, expect, test } from "vitest"
import { hourMs } from "../../base/time.ts"
import { lawRig } from "./laws.fixture.ts"
import { localFetch } from "./pool.fixture.ts"
import { signer } from "./sign.ts"
import { openCognito } from "./cognito.ts"
import { testOpened } from "../memory.fixture.ts"

const rig = lawRig()

interface Otherwise {
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
  readonly region?: string
  readonly clockOffset?: number
}

/** The word by which the fake refuses the SDK's own request; null: it takes it. */
async function sdkRefused({ region, clockOffset = 0, ...other }: Otherwise = {}): Promise<string | null> {
  const { settings } = rig.pool.fake
  const own = { accessKeyId: settings.access_key_id, secretAccessKey: settings.secret_access_key }
  const sdk = new CognitoIdentityProviderClient({
    region: region ?? settings.region,
    endpoint: settings.endpoint,
    credentials: { ...own, ...other },
    systemClockOffset: clockOffset,
    maxAttempts: 1,
  })
  try {
    await sdk.send(new DescribeUserPoolCommand({ UserPoolId: settings.user_pool_id }))
    return null
  } catch (error) {
    return error instanceof Error ? error.name : "?"
  } finally {
    sdk.destroy()
  }
}

test("the SDK's own requests are taken", async () => expect(await sdkRefused()).toBeNull())

test.each([
  ["another secret", { secretAccessKey: "wrong" }, "InvalidSignatureException"],
  ["a key that is not there", { accessKeyId: "AKIAIOSFODNN7EXAMPLE" }, "UnrecognizedClientException"],
  ["another region", { region: "us-east-1" }, "InvalidSignatureException"],
  ["a clock that is an hour behind", { clockOffset: -hourMs }, "InvalidSignatureException"],
])("and with %s they are not", async (_what, other, name) => expect(await sdkRefused(other)).toBe(name))

/** What is sent after it was signed. */
async function sent(change: (headers: Record<string, string>, body: string) => [Record<string, string>, string]) {
  const { settings, url } = rig.pool.fake
  const body = JSON.stringify({ UserPoolId: settings.user_pool_id })
  const named = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSCognitoIdentityProviderService.DescribeUserPool",
  }
  const [headers, text] = change(await signer(settings)("cognito-idp", `${url}/`, named, body), body)
  const answer = await localFetch(`${url}/`, { method: "POST", headers, body: text })
  const told = JSON.parse(answer.text) as { __type?: string }
  return told.__type ?? null
}

test("a request of ours is taken as it was signed, and not when anything of it was changed on the way", async () => {
  expect(await sent((headers, body) => [headers, body])).toBeNull()
  expect(await sent((headers, body) => [headers, `${body} `])).toBe("InvalidSignatureException")
  const other = { "x-amz-target": "AWSCognitoIdentityProviderService.ListUserPoolClients" }
  expect(await sent((headers, body) => [{ ...headers, ...other }, body])).toBe("InvalidSignatureException")
  expect(await sent((headers, body) => [{ ...headers, "x-amz-extra": "1" }, body])).toBe("InvalidSignatureException")
  const { region, ...rest } = rig.pool.fake.settings
  expect(region).toBe("eu-central-1")
  const elsewhere = await signer({ ...rest, region: "eu-west-1" })("cognito-idp", `${rest.endpoint}/`, {}, "{}")
  expect(elsewhere.authorization).toContain("/eu-west-1/cognito-idp/")
  expect(
    await sent((headers, body) => [{ ...headers, authorization: elsewhere.authorization ?? "" }, body]),
  ).not.toBeNull()
  expect(await sent(({ authorization: _gone, ...headers }, body) => [headers, body])).toBe(
    "MissingAuthenticationTokenException",
  )
})

const ambient = {
  AWS_ACCESS_KEY_ID: "AKIAAMBIENTAMBIENT00",
  AWS_SECRET_ACCESS_KEY: "ambient",
  AWS_SESSION_TOKEN: "ambient",
  AWS_REGION: "us-east-1",
  AWS_PROFILE: "nobody",
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  AWS_CONFIG_FILE: "/dev/full",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/full",
}
afterEach(() => {
  for (const name of Object.keys(ambient)) delete process.env[name]
})

test("credentials, region and address come from the settings alone, whatever the environment holds", async () => {
  Object.assign(process.env, ambient)
  const seen: string[] = []
  const connector = openCognito({
    providerId: "p1",
    settings: { ...rig.pool.fake.settings },
    async fetch(url, init) {
      seen.push(url, JSON.stringify(init?.headers))
      return await localFetch(url, init)
    },
    ...testOpened(),
  })
  expect((await connector.check()).filter(({ is }) => is !== "pass")).toEqual([])
  expect(seen.length).toBeGreaterThan(20)
  for (const text of seen) expect(text).not.toMatch(/ambient|AMBIENT|us-east-1|127\.0\.0\.1:9\//)
})
