/** Makes a realm ready for Grantry from an administrator's credentials, which are used here and kept nowhere. */
import { randomBytes, randomUUID } from "node:crypto"
import { z } from "zod"
import type { GuardedFetch } from "../../base/http.ts"
import { call, type Call } from "../call.ts"
import { goneIsDone, orNull } from "../gone.ts"
import { heldToken, type HeldToken } from "../held-token.ts"
import { ConnectorError } from "../connector-error.ts"
import { adminOf, type Admin } from "./admin.ts"
import { tokenEventTypes } from "./events.ts"
import { policyName, readPolicy, withPolicy, withProfile } from "./policy.ts"
import { tokenUrl, type KeycloakSettings } from "./settings.ts"
import { accessToken, client, clients, eventsConfig, policies, profiles, user, type Client } from "./shapes.ts"
import { attribute } from "./names.ts"
import { sure } from "./sure.ts"

/** An administrator of the server: a person of `admin_realm`, or a service account of it. */
export const setupInput = z.object({
  base_url: z
    .url({ protocol: /^https?$/ })
    .transform((text) => text.replace(/\/+$/, ""))
    .describe("Where Keycloak is, without /realms and without /admin."),
  realm: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/)
    .describe("The realm that Grantry shall manage."),
  create_realm: z.boolean().default(false).describe("Make the realm if it is not there."),
  client_id: z
    .string()
    .regex(/^[\x21-\x7E]{1,200}$/)
    .default("grantry-console")
    .describe("The name of Grantry's own client, which this makes."),
  admin_realm: z.string().min(1).default("master").describe("The realm of the administrator."),
  admin: z
    .union([
      z.object({ username: z.string().min(1), password: z.string().min(1) }),
      z.object({ client_id: z.string().min(1), client_secret: z.string().min(1) }),
    ])
    .describe("The administrator's credentials. They are used once and not kept."),
})
export type SetupInput = z.input<typeof setupInput>
type Settings = z.output<typeof setupInput>

export interface SetUp {
  /** Settings of a provider of kind `keycloak`. */
  readonly settings: KeycloakSettings
  /** What was done, a sentence each. */
  readonly done: readonly string[]
  /** What could not be done and what that means. */
  readonly lacking: readonly string[]
  /** Takes our client away again, for whoever cannot keep its secret. The realm stays as it is. */
  readonly undo: () => Promise<void>
}

/** What the connector uses; `kind-entry.ts` says what for. The realm's own settings are the administrator's to write, here and now. */
const roles = ["manage-clients", "view-events", "view-realm", "view-users"] as const
const eventsExpirationSeconds = 604_800
/** A new realm comes with keys, roles and clients of its own; on a busy machine that has taken half a minute. */
const realmMs = 120_000
/** `grantry.kind` of our own client. */
const ourKind = "console"

/** One run of the set-up, as its caller knows it. */
export interface SetUpRun {
  /** Written on our client. */
  readonly id: string
  /** Whether this run of before is over and nobody has the secret of the client that it made. */
  readonly abandoned: (id: string) => Promise<boolean>
}
/** For a caller that keeps no account of its runs. */
const unknownRun = (): SetUpRun => ({ id: randomUUID(), abandoned: async () => false })

/**
 * Makes the realm (if wanted), its logs, the secret-rotation policy, and Grantry's client with the roles it needs. Throws
 * ConnectorError: `auth_failed` or `forbidden` for the administrator, `not_found` without the realm, `conflict` when a client
 * of that name is there already. After a failure or a kill it can be run again: the client is made last and given its roles
 * at the very end; one without them, or of a run that was abandoned, is taken away, at once or by the next run.
 */
export async function setUpRealm(fetch: GuardedFetch, given: SetupInput, run = unknownRun()): Promise<SetUp> {
  const input = setupInput.parse(given)
  const { base_url, realm, client_id } = input
  const client_secret = randomBytes(32).toString("base64url")
  const settings = { base_url, realm, client_id, client_secret }
  const done: string[] = []
  const lacking: string[] = []
  const admin = adminOf(fetch, settings, await administrator(fetch, input))
  if (await bringRealm(admin, input)) done.push(`The realm ${realm} was made.`)
  const there = await named(admin, client_id)
  if (there !== null && !(await isHalfMade(admin, there, run)))
    throw new ConnectorError(
      "conflict",
      "create our client",
      `The realm ${realm} has a client ${client_id} already. Choose another name, or connect with that one.`,
    )
  await keepEvents(admin)
  done.push("The realm keeps token events and admin events for a week or longer.")
  const overlap = await bringPolicy(admin)
  if (overlap === null) done.push(`The policy ${policyName} lets an old secret live beside the new one.`)
  else lacking.push(overlap)
  if (there !== null) await takeAway(admin, there.id)
  const id = await createClient(admin, settings, run)
  done.push(`The client ${client_id} was made, with the roles ${roles.join(", ")} of realm-management.`)
  return { settings, done, lacking, undo: () => takeAway(admin, id) }
}

/** Logs the administrator in, so that wrong credentials are told before anything else. */
async function administrator(
  fetch: GuardedFetch,
  { base_url, admin_realm, admin }: Settings,
): Promise<HeldToken<string>> {
  const form: NonNullable<Call["form"]> =
    "username" in admin
      ? { fields: { grant_type: "password", client_id: "admin-cli", ...admin } }
      : {
          fields: { grant_type: "client_credentials" },
          client: { id: admin.client_id, secret: admin.client_secret },
        }
  const url = tokenUrl({ base_url, realm: admin_realm })
  const hide = "username" in admin ? [admin.password] : []
  const step = "log in as administrator"
  const held = heldToken(async () => {
    const told = await call(fetch, { step, kind: "read", method: "POST", url, form, hide }, accessToken)
    return { token: told.access_token, expiresInSeconds: told.expires_in }
  })
  await held.get()
  return held
}

async function bringRealm(admin: Admin, { base_url, realm, create_realm }: Settings): Promise<boolean> {
  const step = "read the realm"
  const there = await admin({ step, kind: "read", method: "GET", path: "" }, z.looseObject({})).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ConnectorError && error.code === "not_found") return false
      throw error
    },
  )
  if (there) return false
  if (!create_realm) throw new ConnectorError("not_found", step, `There is no realm ${realm}, or you may not see it.`)
  const json = { realm, enabled: true }
  const base = `${base_url}/admin/realms`
  const create = { step: "create the realm", kind: "create", method: "POST", base, path: "", json } as const
  await admin({ ...create, timeoutMs: realmMs }, null)
  return true
}

/** All keys are sent: an absent one is switched off. What the realm keeps already stays kept. */
async function keepEvents(admin: Admin): Promise<void> {
  const path = "/events/config"
  const now = await admin({ step: "read the events configuration", kind: "read", method: "GET", path }, eventsConfig)
  const expires = Number(now.eventsExpiration ?? 0)
  const json = {
    ...now,
    eventsEnabled: true,
    eventsExpiration: now.eventsEnabled && expires === 0 ? 0 : Math.max(expires, eventsExpirationSeconds),
    enabledEventTypes: [...new Set([...(now.eventsEnabled ? (now.enabledEventTypes ?? []) : []), ...tokenEventTypes])],
    adminEventsEnabled: true,
    adminEventsDetailsEnabled: true,
  }
  await admin({ step: "keep events", kind: "write", method: "PUT", path, json }, null)
}

/** Null when the policy stands; else the sentence that says why not. The profile first: a policy that names an unknown one is refused. */
async function bringPolicy(admin: Admin): Promise<string | null> {
  const ours = { publicClient: false, bearerOnly: false, attributes: { [attribute.rotation]: "true" } }
  if ((await readPolicy(admin)).of(ours).is === "on") return null
  const [kept, told] = await Promise.all([
    admin({ step: "read profiles", kind: "read", method: "GET", path: "/client-policies/profiles" }, profiles),
    admin({ step: "read policies", kind: "read", method: "GET", path: "/client-policies/policies" }, policies),
  ])
  try {
    const step = "write the rotation policy"
    const put = (path: string, json: unknown) => admin({ step, kind: "write", method: "PUT", path, json }, null)
    await put("/client-policies/profiles", withProfile(kept))
    await put("/client-policies/policies", withPolicy(told))
    return null
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== "invalid") throw error
    return "The server's feature client-secret-rotation is off, so each rotation is an instant cut-over. Start Keycloak with --features=client-secret-rotation, then set up again."
  }
}

/** Last of all. Where its roles are refused it is taken away, and where that fails too, the next run does it. */
async function createClient(
  admin: Admin,
  { client_id, client_secret }: KeycloakSettings,
  run: SetUpRun,
): Promise<string> {
  const step = "create our client"
  const id = randomUUID()
  const json = {
    id,
    clientId: client_id,
    name: "Grantry",
    description: "Grantry manages service clients, scopes and grants of this realm with it.",
    secret: client_secret,
    protocol: "openid-connect",
    publicClient: false,
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
    implicitFlowEnabled: false,
    directAccessGrantsEnabled: false,
    fullScopeAllowed: true,
    redirectUris: [],
    webOrigins: [],
    attributes: { [attribute.kind]: ourKind, [attribute.setUp]: run.id },
  }
  const created = admin({ step, kind: "create", method: "POST", path: "/clients", json, hide: [client_secret] }, null)
  const path = `/clients/${id}`
  await sure(created, null, () =>
    orNull(admin({ step, kind: "read", method: "GET", path, secretive: true, hide: [client_secret] }, client)),
  )
  try {
    await giveRoles(admin, id)
  } catch (error) {
    await takeAway(admin, id).catch(() => undefined)
    throw error
  }
  return id
}

const takeAway = (admin: Admin, id: string): Promise<void> =>
  goneIsDone(admin({ step: "take our client away", kind: "write", method: "DELETE", path: `/clients/${id}` }, null))

/** A run before this one made it and did not come as far as handing it over, or as giving it a role: it can do nothing. */
async function isHalfMade(admin: Admin, { id, attributes }: Client, run: SetUpRun): Promise<boolean> {
  if (attributes[attribute.kind] !== ourKind) return false
  const maker = attributes[attribute.setUp]
  if (maker !== undefined && (await run.abandoned(maker))) return true
  const { path } = await rolesPath(admin, id)
  return (
    (await admin({ step: "read the roles of our client", kind: "read", method: "GET", path }, roleList)).length === 0
  )
}

async function giveRoles(admin: Admin, own: string): Promise<void> {
  const { path, management } = await rolesPath(admin, own)
  const all = await admin(
    { step: "read roles", kind: "read", method: "GET", path: `/clients/${management}/roles` },
    roleList,
  )
  const wanted = all.filter(({ name }) => roles.some((role) => role === name))
  await admin({ step: "give roles to our client", kind: "write", method: "POST", path, json: wanted }, null)
}

const roleList = z.array(z.looseObject({ id: z.string(), name: z.string() }))

/** Where the roles of realm-management stand that the service account of `own` has. */
async function rolesPath(admin: Admin, own: string): Promise<{ path: string; management: string }> {
  const step = "read our service account"
  const management = (await named(admin, "realm-management"))?.id
  if (management === undefined)
    throw new ConnectorError("forbidden", step, "The administrator does not see the realm's client realm-management.")
  const account = await admin({ step, kind: "read", method: "GET", path: `/clients/${own}/service-account-user` }, user)
  return { path: `/users/${account.id}/role-mappings/clients/${management}`, management }
}

async function named(admin: Admin, clientId: string): Promise<Client | null> {
  const path = `/clients?clientId=${encodeURIComponent(clientId)}`
  const found = await admin({ step: "find client", kind: "read", method: "GET", path, secretive: true }, clients)
  return found.find((one) => one.clientId === clientId) ?? null
}
