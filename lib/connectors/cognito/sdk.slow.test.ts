/**
 * Both sides against the AWS SDK: it drives the fake through every operation and reads every answer and refusal with its
 * own deserialiser, and its serialiser writes what the connector sends, byte for byte of meaning.
 */
import * as sdk from "@aws-sdk/client-cognito-identity-provider"
import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { isObject } from "../../base/json.ts"
import { secondMs } from "../../base/time.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { newSecretValue } from "../fakes/cognito/state.ts"
import { isPort } from "../port.ts"
import { change, lawRig, type Sent } from "./laws.fixture.ts"

const rig = lawRig()
let cognito: sdk.CognitoIdentityProviderClient
let trail: CloudTrailClient
beforeAll(() => {
  const { region, endpoint, access_key_id, secret_access_key } = rig.pool.fake.settings
  const credentials = { accessKeyId: access_key_id, secretAccessKey: secret_access_key }
  cognito = new sdk.CognitoIdentityProviderClient({ region, endpoint, credentials, maxAttempts: 1 })
  trail = new CloudTrailClient({ region, endpoint, credentials, maxAttempts: 1 })
})
afterAll(() => {
  cognito.destroy()
  trail.destroy()
})
const pool = () => ({ UserPoolId: rig.pool.fake.settings.user_pool_id })

describe("the SDK drives the fake", () => {
  test("through the life of a resource server, a client and its secrets", async () => {
    const Identifier = "https://sdk.example"
    const Scopes = [{ ScopeName: "read", ScopeDescription: "Read" }]
    await cognito.send(new sdk.CreateResourceServerCommand({ ...pool(), Identifier, Name: "Sdk", Scopes }))
    const renamed = await cognito.send(
      new sdk.UpdateResourceServerCommand({ ...pool(), Identifier, Name: "Sdk 2", Scopes }),
    )
    expect(renamed.ResourceServer).toEqual({ ...pool(), Identifier, Name: "Sdk 2", Scopes })
    const { UserPoolClient: made } = await cognito.send(
      new sdk.CreateUserPoolClientCommand({
        ...pool(),
        ClientName: "sdk",
        GenerateSecret: true,
        AllowedOAuthFlows: ["client_credentials"],
        AllowedOAuthScopes: [`${Identifier}/read`],
        AllowedOAuthFlowsUserPoolClient: true,
        AccessTokenValidity: 15,
        TokenValidityUnits: { AccessToken: "minutes" },
      }),
    )
    expect(made?.ClientSecret).toHaveLength(51)
    expect(made?.CreationDate).toBeInstanceOf(Date)
    const ClientId = made?.ClientId
    // What is left out is reset.
    await cognito.send(new sdk.UpdateUserPoolClientCommand({ ...pool(), ClientId, RefreshTokenValidity: 9 }))
    const { UserPoolClient: after } = await cognito.send(new sdk.DescribeUserPoolClientCommand({ ...pool(), ClientId }))
    expect(after).toMatchObject({ ClientName: "sdk", RefreshTokenValidity: 9, AllowedOAuthFlowsUserPoolClient: false })
    for (const name of ["AllowedOAuthFlows", "AllowedOAuthScopes", "AccessTokenValidity"])
      expect(after).not.toHaveProperty(name)
    const own = newSecretValue()
    const added = await cognito.send(new sdk.AddUserPoolClientSecretCommand({ ...pool(), ClientId, ClientSecret: own }))
    const { ClientSecretId, ...rest } = added.ClientSecretDescriptor ?? {}
    expect(ClientSecretId).toMatch(new RegExp(`^${ClientId}--\\d+$`))
    expect(rest).toEqual({ ClientSecretCreateDate: expect.any(Date) })
    const { ClientSecrets } = await cognito.send(new sdk.ListUserPoolClientSecretsCommand({ ...pool(), ClientId }))
    expect(ClientSecrets).toHaveLength(2)
    const [first] = ClientSecrets ?? []
    await cognito.send(
      new sdk.DeleteUserPoolClientSecretCommand({ ...pool(), ClientId, ClientSecretId: first?.ClientSecretId }),
    )
    const generated = await cognito.send(new sdk.AddUserPoolClientSecretCommand({ ...pool(), ClientId }))
    expect(generated.ClientSecretDescriptor?.ClientSecretValue).toHaveLength(51)
    await cognito.send(new sdk.DeleteUserPoolClientCommand({ ...pool(), ClientId }))
    await cognito.send(new sdk.DeleteResourceServerCommand({ ...pool(), Identifier }))
  })

  test("through its lists with the SDK's own paginators, and through CloudTrail", async () => {
    for (let i = 0; i < 7; i++)
      await cognito.send(new sdk.CreateUserPoolClientCommand({ ...pool(), ClientName: `page-${i}` }))
    const seen: (string | undefined)[] = []
    for await (const { UserPoolClients } of sdk.paginateListUserPoolClients({ client: cognito, pageSize: 3 }, pool()))
      seen.push(...(UserPoolClients ?? []).map(({ ClientName }) => ClientName))
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toHaveLength(rig.pool.fake.pool.clients.size)
    const LookupAttributes = [{ AttributeKey: "EventName" as const, AttributeValue: "CreateUserPoolClient" }]
    const { Events = [] } = await trail.send(new LookupEventsCommand({ LookupAttributes, MaxResults: 5 }))
    expect(Events).toHaveLength(5)
    expect(Events[0]?.EventTime).toBeInstanceOf(Date)
    expect(JSON.parse(Events[0]?.CloudTrailEvent ?? "")).toMatchObject({
      requestParameters: { clientName: "page-6" },
    })
  })

  const client = (more: object) => new sdk.CreateUserPoolClientCommand({ ...pool(), ClientName: "bad", ...more })
  const flow = { AllowedOAuthFlows: ["client_credentials" as const] }
  test.each<[string, () => Promise<unknown>, new (...args: never[]) => Error]>([
    [
      "a client that is not there",
      () => cognito.send(new sdk.DescribeUserPoolClientCommand({ ...pool(), ClientId: "nobody" })),
      sdk.ResourceNotFoundException,
    ],
    [
      "another pool",
      () => cognito.send(new sdk.DescribeUserPoolCommand({ UserPoolId: "eu-central-1_Other" })),
      sdk.ResourceNotFoundException,
    ],
    [
      "a scope that is not there",
      () => cognito.send(client({ AllowedOAuthScopes: ["https://no.example/read"] })),
      sdk.ScopeDoesNotExistException,
    ],
    ["client_credentials without a secret", () => cognito.send(client({ ...flow })), sdk.InvalidOAuthFlowException],
    [
      "client_credentials beside another flow",
      () => cognito.send(client({ GenerateSecret: true, AllowedOAuthFlows: ["client_credentials", "code"] })),
      sdk.InvalidOAuthFlowException,
    ],
    [
      "client_credentials for a scope of people",
      () => cognito.send(client({ GenerateSecret: true, ...flow, AllowedOAuthScopes: ["openid"] })),
      sdk.InvalidOAuthFlowException,
    ],
    [
      "OAuth switched on without a scope",
      () => cognito.send(client({ GenerateSecret: true, ...flow, AllowedOAuthFlowsUserPoolClient: true })),
      sdk.InvalidParameterException,
    ],
    [
      "two ways to a secret",
      () => cognito.send(client({ GenerateSecret: true, ClientSecret: newSecretValue() })),
      sdk.InvalidParameterException,
    ],
    [
      "a lifetime of four minutes",
      () => cognito.send(client({ AccessTokenValidity: 4, TokenValidityUnits: { AccessToken: "minutes" } })),
      sdk.InvalidParameterException,
    ],
    ["a name with a colon", () => cognito.send(client({ ClientName: "a:b" })), sdk.InvalidParameterException],
    [
      "a page of sixty-one",
      () => cognito.send(new sdk.ListUserPoolClientsCommand({ ...pool(), MaxResults: 61 })),
      sdk.InvalidParameterException,
    ],
  ])("%s is refused by the exception that the model names", async (_what, run, type) => {
    await expect(run()).rejects.toBeInstanceOf(type)
  })

  test("a third secret, the last secret, a rate, somebody else's write: each by its own exception", async () => {
    const { UserPoolClient: made } = await cognito.send(client({ ClientName: "full", GenerateSecret: true }))
    const ask = { ...pool(), ClientId: made?.ClientId }
    const { ClientSecrets: [only] = [] } = await cognito.send(new sdk.ListUserPoolClientSecretsCommand(ask))
    const last = new sdk.DeleteUserPoolClientSecretCommand({ ...ask, ClientSecretId: only?.ClientSecretId })
    await expect(cognito.send(last)).rejects.toBeInstanceOf(sdk.InvalidParameterException)
    await cognito.send(new sdk.AddUserPoolClientSecretCommand(ask))
    await expect(cognito.send(new sdk.AddUserPoolClientSecretCommand(ask))).rejects.toBeInstanceOf(
      sdk.LimitExceededException,
    )
    const { modes } = rig.pool.fake.pool
    modes.concurrent = 1
    await expect(cognito.send(new sdk.UpdateUserPoolClientCommand(ask))).rejects.toBeInstanceOf(
      sdk.ConcurrentModificationException,
    )
    modes.perSecond = 0
    await expect(cognito.send(new sdk.UpdateUserPoolClientCommand(ask))).rejects.toBeInstanceOf(
      sdk.TooManyRequestsException,
    )
  })
})

/** What the SDK would send for this input, by its own serialiser. Nothing leaves the process. */
async function serialised({ operation, body }: Sent): Promise<{ target: string | undefined; body: unknown }> {
  const caught: { headers: Record<string, string>; body: unknown }[] = []
  const requestHandler = {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: { headers: Record<string, string>; body: unknown }): Promise<never> {
      caught.push(request)
      throw new Error("caught")
    },
  }
  const config = {
    region: "eu-central-1",
    endpoint: "http://127.0.0.1:9",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
    requestHandler,
  }
  const run =
    operation === "LookupEvents"
      ? new CloudTrailClient(config).send(new LookupEventsCommand(dated(body)))
      : new sdk.CognitoIdentityProviderClient(config).send(commandOf(operation, body))
  await expect(run).rejects.toThrow("caught")
  const [request] = caught
  const bytes = request?.body instanceof Uint8Array ? Buffer.from(request.body) : request?.body
  return { target: request?.headers["x-amz-target"], body: JSON.parse(String(bytes)) }
}

/** Times are numbers on the wire and dates for the SDK. */
const dated = (body: Sent["body"]) => ({
  ...body,
  StartTime: new Date(Number(body.StartTime) * secondMs),
  EndTime: new Date(Number(body.EndTime) * secondMs),
})

type AnyCommand = Parameters<sdk.CognitoIdentityProviderClient["send"]>[0]
function commandOf(operation: string, body: Sent["body"]): AnyCommand {
  const command: unknown = Reflect.get(sdk, `${operation}Command`)
  if (typeof command !== "function") throw new Error(`the SDK knows no ${operation}`)
  return Reflect.construct(command, [body]) as AnyCommand
}

test("every request of the connector is, member for member, what the SDK would write", async () => {
  const { fetch, sent } = rig.watched()
  const connector = rig.pool.open(fetch)
  const port = writing(connector)
  const { audience, client, grant } = rig.fresh()
  await connector.check()
  const made = [await port.create(audience, "p:c"), await port.create(client, "p:c"), await port.create(grant, "p:c")]
  const [server, app, allowed] = made.map(({ remoteId }) => remoteId)
  await port.update(server ?? "", audience, change("name", "Payments", "Payments 2"))
  await port.update(app ?? "", client, change("enabled", true, false))
  const issue = (marker: string) =>
    secretsOf(connector).issue({
      client: client.key,
      value: newSecretValue(),
      fingerprint: "fp",
      marker,
      expiresAt: null,
    })
  const { remoteId } = await issue("1")
  await issue("2")
  await secretsOf(connector).retire(client.key, remoteId)
  await port.observe()
  for (const log of [connector.events, connector.changes]) if (!isPort(log)) throw new Error(log.cannot)
  if (isPort(connector.events)) await connector.events.poll(null)
  if (isPort(connector.changes)) await connector.changes.since(new Date())
  await port.remove("grant", allowed ?? "", grant.key)
  await port.remove("client", app ?? "", client.key)
  await port.remove("audience", server ?? "", audience.key)
  for (const one of sent) {
    const wanted = await serialised(one)
    expect([one.target, one.body]).toEqual([wanted.target, wanted.body])
  }
  expect([...new Set(sent.map(({ operation }) => operation))].toSorted()).toEqual([
    "AddUserPoolClientSecret",
    "CreateResourceServer",
    "CreateUserPoolClient",
    "DeleteResourceServer",
    "DeleteUserPoolClient",
    "DeleteUserPoolClientSecret",
    "DescribeResourceServer",
    "DescribeUserPool",
    "DescribeUserPoolClient",
    "ListResourceServers",
    "ListUserPoolClientSecrets",
    "ListUserPoolClients",
    "LookupEvents",
    "UpdateResourceServer",
    "UpdateUserPoolClient",
  ])
})

test("why the connector does not use it: a setting that is newer than the SDK is lost on its way through, and kept on ours", async () => {
  const { client, remoteId } = await rig.placed()
  const held = rig.pool.client(client.key)
  const newer = { Mode: "theirs" }
  held.settings.NewerSetting = newer
  await rig.port().update(remoteId("client"), client, change("enabled", true, false))
  expect(held.settings.NewerSetting).toEqual(newer)
  const ask = { ...pool(), ClientId: remoteId("client") }
  const { UserPoolClient } = await cognito.send(new sdk.DescribeUserPoolClientCommand(ask))
  if (!isObject(UserPoolClient)) throw new Error("not described")
  await cognito.send(new sdk.UpdateUserPoolClientCommand({ ...UserPoolClient, ...ask }))
  expect(held.settings.NewerSetting).toBeUndefined()
})
