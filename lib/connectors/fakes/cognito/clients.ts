/** App clients and their secrets. */
import {
  addSecret,
  createClient,
  deleteSecret,
  inputOf,
  listClients,
  oneClient,
  refusal,
  updateClient,
  type ClientSettings,
} from "./law.ts"
import {
  addSecretTo,
  clientAt,
  liveScopes,
  newId,
  newSecretValue,
  pageOf,
  seconds,
  type FakeClient,
  type FakePool,
  type FakeSecret,
} from "./state.ts"

type Operation = (pool: FakePool, input: unknown) => object

const ownScopes = ["phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"]
const secretsMax = 2
const unitSeconds = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 }

export const clientOperations: Readonly<Record<string, Operation>> = {
  ListUserPoolClients(pool, input) {
    const { items, next } = pageOf([...pool.clients.values()], ({ id }) => id, inputOf(input, listClients))
    return {
      UserPoolClients: items.map(({ id, settings }) => ({
        ClientId: id,
        UserPoolId: pool.id,
        ClientName: pool.modes.nulls ? null : settings.ClientName,
      })),
      NextToken: next,
    }
  },
  DescribeUserPoolClient: (pool, input) => ({
    UserPoolClient: described(pool, clientAt(pool, inputOf(input, oneClient).ClientId)),
  }),
  CreateUserPoolClient(pool, input) {
    const { GenerateSecret: generate, ClientSecret: own, ...settings } = inputOf(input, createClient)
    if (generate === true && own !== undefined)
      throw refusal("InvalidParameterException", "GenerateSecret and ClientSecret cannot both be given.")
    if (pool.clients.size >= pool.modes.clientsMax)
      throw refusal("LimitExceededException", "Maximum number of clients reached for the user pool.")
    judge(pool, settings, generate === true || own !== undefined)
    const client: FakeClient = {
      id: newId(),
      settings: withDefaults(settings),
      createdAt: seconds(pool),
      modifiedAt: seconds(pool),
      type: "REGULAR",
      secrets: [],
    }
    if (generate === true || own !== undefined) addSecretTo(pool, client, own ?? newSecretValue())
    pool.clients.set(client.id, client)
    return { UserPoolClient: described(pool, client) }
  },
  UpdateUserPoolClient(pool, input) {
    const { ClientId, ClientName, ...rest } = inputOf(input, updateClient)
    const client = clientAt(pool, ClientId)
    if (pool.modes.concurrent > 0) {
      pool.modes.concurrent -= 1
      throw refusal("ConcurrentModificationException", "Another request modifies this client.")
    }
    const settings = { ClientName: ClientName ?? client.settings.ClientName, ...rest }
    judge(pool, settings, client.secrets.length > 0)
    client.settings = withDefaults(settings)
    client.modifiedAt = seconds(pool)
    return { UserPoolClient: described(pool, client) }
  },
  DeleteUserPoolClient(pool, input) {
    pool.clients.delete(clientAt(pool, inputOf(input, oneClient).ClientId).id)
    return {}
  },
  AddUserPoolClientSecret(pool, input) {
    const { ClientId, ClientSecret: own } = inputOf(input, addSecret)
    const client = withSecrets(pool, ClientId)
    if (client.secrets.length >= secretsMax)
      throw refusal("LimitExceededException", "Maximum number of client secrets reached.")
    const secret = addSecretTo(pool, client, own ?? newSecretValue())
    // A value of one's own is not told again.
    return { ClientSecretDescriptor: { ...descriptor(secret), ...(own ? {} : { ClientSecretValue: secret.value }) } }
  },
  ListUserPoolClientSecrets: (pool, input) => ({
    ClientSecrets: withSecrets(pool, inputOf(input, oneClient).ClientId).secrets.map(descriptor),
  }),
  DeleteUserPoolClientSecret(pool, input) {
    const { ClientId, ClientSecretId } = inputOf(input, deleteSecret)
    const client = withSecrets(pool, ClientId)
    if (!client.secrets.some(({ id }) => id === ClientSecretId))
      throw refusal("ResourceNotFoundException", "Client secret does not exist.")
    if (client.secrets.length === 1)
      throw refusal("InvalidParameterException", "You cannot delete the last remaining secret.")
    client.secrets = client.secrets.filter(({ id }) => id !== ClientSecretId)
    return {}
  },
}

function withSecrets(pool: FakePool, id: string): FakeClient {
  const client = clientAt(pool, id)
  if (client.type === "DCR" || client.secrets.length === 0)
    throw refusal("InvalidParameterException", "This client does not support client secrets.")
  return client
}

const descriptor = ({ id, createdAt }: FakeSecret) => ({ ClientSecretId: id, ClientSecretCreateDate: createdAt })

/** What both create and update refuse. */
function judge(pool: FakePool, settings: ClientSettings, confidential: boolean): void {
  const { AllowedOAuthFlows: flows = [], AllowedOAuthScopes: scopes = [] } = settings
  const missing = scopes.find((scope) => !ownScopes.includes(scope) && !liveScopes(pool).has(scope))
  if (missing !== undefined) throw refusal("ScopeDoesNotExistException", `Invalid scope requested: ${missing}`)
  if (flows.includes("client_credentials")) {
    const own = scopes.find((scope) => ownScopes.includes(scope))
    const why =
      flows.length > 1
        ? "client_credentials flow can not be selected along with code flow or implicit flow."
        : !confidential
          ? "client_credentials flow can not be selected if client does not have a client secret."
          : own !== undefined
            ? `${own} is not supported with client_credentials flow.`
            : null
    if (why !== null) throw refusal("InvalidOAuthFlowException", why)
  }
  if (settings.AllowedOAuthFlowsUserPoolClient === true && (flows.length === 0 || scopes.length === 0))
    throw refusal(
      "InvalidParameterException",
      "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
    )
  const life = accessTokenSeconds(settings)
  if (life < 300 || life > 86_400) throw refusal("InvalidParameterException", "Invalid range for token validity.")
}

export const accessTokenSeconds = ({ AccessTokenValidity: validity, TokenValidityUnits: units }: ClientSettings) =>
  validity === undefined ? 3_600 : validity * unitSeconds[units?.AccessToken ?? "hours"]

/** What is left out is reset. */
const withDefaults = (settings: ClientSettings): ClientSettings => ({
  RefreshTokenValidity: 30,
  EnableTokenRevocation: true,
  EnablePropagateAdditionalUserContextData: false,
  AuthSessionValidity: 3,
  AllowedOAuthFlowsUserPoolClient: false,
  ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
  ClientName: settings.ClientName,
})

/** Empty lists are left out, and the first secret is told in clear. */
function described(pool: FakePool, client: FakeClient): object {
  const { id, settings, createdAt, modifiedAt, type, secrets } = client
  const entries = Object.entries(settings).filter(([, value]) => !(Array.isArray(value) && value.length === 0))
  const told = pool.modes.nulls ? entries.map(([name]) => [name, null] as const) : entries
  const [first] = secrets
  return {
    UserPoolId: pool.id,
    ClientId: id,
    ...Object.fromEntries(told),
    ...(first ? { ClientSecret: first.value } : {}),
    CreationDate: createdAt,
    LastModifiedDate: modifiedAt,
    ClientType: type,
  }
}
