/** What Grantry needs in the realm, one named check each; what fails says what would mend it. Writes nothing. */
import { z } from "zod"
import { minuteMs, secondMs } from "../../base/time.ts"
import { unverifiedClaims } from "../../token/decode.ts"
import { call } from "../call.ts"
import { attempt, checked, fail, pass, skipped, warn } from "../checks.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Check } from "../port.ts"
import type { Context } from "./context.ts"
import { typesNotKept } from "./events.ts"
import { attribute } from "./names.ts"
import { readPolicy } from "./policy.ts"
import { realmUrl } from "./settings.ts"
import { clients, eventsConfig, serverInfo } from "./shapes.ts"

const skewMaxMs = 30 * secondMs
const supportedMajor = 26

export async function check(context: Context): Promise<readonly Check[]> {
  const { token } = context
  const later = ["clients", "may_write", "logs", "policies", "events", "features", "rotation_policy", "clock"]
  const asked = Date.now()
  const login = await attempt("login", () => token.fresh())
  if ("failed" in login)
    return [
      {
        ...login.failed,
        why: `${login.failed.why} Create a confidential client with a service account in the realm ${context.settings.realm}, and copy its secret here.`,
      },
      ...later.map(skipped),
    ]
  return [
    pass("login", `The client ${context.settings.client_id} logs in.`),
    ...(await privileges(context)),
    await eventsKept(context),
    ...(await features(context)),
    await rotation(context),
    clock(login.value, asked),
    await discovery(context),
  ]
}

const give = ({ settings }: Context, role: string, gives: string): string =>
  `Give the service account of ${settings.client_id} the role ${role} of the client realm-management, so that ${gives}.`

async function privileges(context: Context): Promise<readonly Check[]> {
  const { admin, settings } = context
  const path = `/clients?clientId=${encodeURIComponent(settings.client_id)}`
  const own = await attempt("clients", () =>
    admin({ step: "read our own client", kind: "read", method: "GET", path, secretive: true }, clients),
  )
  if ("failed" in own)
    return [
      { ...own.failed, why: `${own.failed.why} ${give(context, "manage-clients", "clients and scopes can be read")}` },
      skipped("may_write"),
      await readable(
        context,
        "logs",
        "/events/config",
        "view-events",
        "token events and the authors of changes can be read",
      ),
      await readable(context, "policies", "/client-policies/policies", "view-realm", "the rotation policy can be read"),
    ]
  const [found] = own.value
  const manages = found?.access?.manage === true
  return [
    found
      ? pass("clients", "Clients and scopes of the realm can be read.")
      : fail(
          "clients",
          `The realm answers empty lists to us. ${give(context, "manage-clients", "clients and scopes can be read")}`,
        ),
    manages
      ? pass("may_write", "Clients and scopes of the realm may be written; nothing was written to try it.")
      : fail(
          "may_write",
          `The role manage-clients is missing. ${give(context, "manage-clients", "a plan can be applied")}`,
        ),
    await readable(
      context,
      "logs",
      "/events/config",
      "view-events",
      "token events and the authors of changes can be read",
    ),
    await readable(context, "policies", "/client-policies/policies", "view-realm", "the rotation policy can be read"),
  ]
}

async function readable({ admin, ...rest }: Context, name: string, path: string, role: string, gives: string) {
  const tried = await attempt(name, () =>
    admin({ step: `read ${path}`, kind: "read", method: "GET", path }, z.looseObject({})),
  )
  if (!("failed" in tried)) return pass(name, `The role ${role} is there.`)
  return { ...tried.failed, why: `${tried.failed.why} ${give({ admin, ...rest }, role, gives)}` }
}

async function eventsKept(context: Context): Promise<Check> {
  const path = "/events/config"
  const step = "read the events configuration"
  const tried = await attempt("events", () => context.admin({ step, kind: "read", method: "GET", path }, eventsConfig))
  if ("failed" in tried) return skipped("events")
  const { eventsEnabled, adminEventsEnabled } = tried.value
  const where = "under Realm settings, Events"
  if (!eventsEnabled) return warn("events", `The realm keeps no user events. Switch Save events on ${where}.`)
  const lacking = typesNotKept(tried.value)
  if (lacking.length > 0) return warn("events", `The realm does not keep ${lacking.join(", ")}. Add them ${where}.`)
  if (!adminEventsEnabled)
    return warn("events", `The realm keeps no admin events, so drift has no author. Switch them on ${where}.`)
  return pass("events", "The realm keeps token events and admin events.")
}

async function features({ admin, settings }: Context): Promise<readonly Check[]> {
  const step = "read server info"
  const told = await attempt("features", () =>
    admin(
      {
        step,
        kind: "read",
        method: "GET",
        base: `${settings.base_url}/admin`,
        path: "/serverinfo",
        maxBytes: 8_000_000,
      },
      serverInfo,
    ),
  )
  if ("failed" in told) return [told.failed]
  const version = told.value.systemInfo?.version ?? null
  const rotates = told.value.features?.some((one) => one.name === "CLIENT_SECRET_ROTATION" && one.enabled) ?? false
  const major = Number(version?.split(".")[0] ?? supportedMajor)
  const named = version === null ? "of a version that it tells administrators alone" : version
  if (major !== supportedMajor)
    return [
      warn("features", `This is Keycloak ${named}; Grantry supports ${supportedMajor}.x and was tried against 26.7.4.`),
    ]
  return [
    rotates
      ? pass("features", `Keycloak is ${named}, and its feature client-secret-rotation is on.`)
      : warn(
          "features",
          `Keycloak is ${named}. Start it with --features=client-secret-rotation (on by itself from 26.8), or each rotation is an instant cut-over.`,
        ),
  ]
}

async function rotation({ admin }: Context): Promise<Check> {
  const name = "rotation_policy"
  const tried = await attempt(name, () => readPolicy(admin))
  if ("failed" in tried) return tried.failed
  const ours = {
    publicClient: false,
    bearerOnly: false,
    attributes: { [attribute.rotation]: "true", [attribute.managed]: "true" },
  }
  const told = tried.value.of(ours)
  if (told.is === "on") return pass(name, "A policy lets the old secret of a client live beside the new one.")
  return told.is === "unknown"
    ? warn(name, "Without the role view-realm nobody can tell whether a rotation is an instant cut-over.")
    : warn(
        name,
        `Each rotation is an instant cut-over. Add a client policy with the executor secret-rotation for clients whose attribute ${attribute.rotation} is true; "Set up a realm" does it.`,
      )
}

/** Our own token was made a moment ago by their clock. */
function clock(token: string, askedMs: number): Check {
  const name = "clock"
  const issued = issuedAt(token)
  if (issued === null) return { name, is: "skip", why: "Our own token does not tell when it was made." }
  const skewMs = issued - askedMs
  const seconds = Math.round(Math.abs(skewMs) / secondMs)
  return Math.abs(skewMs) <= Math.min(skewMaxMs, minuteMs)
    ? pass(name, `The clocks differ by ${seconds} s.`)
    : warn(name, `The clocks differ by ${seconds} s: fresh tokens may look expired or not yet valid. Set both by NTP.`)
}

function issuedAt(token: string): number | null {
  const issued = unverifiedClaims(token)?.iat
  return typeof issued === "number" ? issued * secondMs : null
}

const issuerOnly = z.object({ issuer: z.string() })

async function discovery({ fetch, settings }: Context): Promise<Check> {
  const url = `${realmUrl(settings)}/.well-known/openid-configuration`
  return await checked("discovery", async () => {
    const { issuer } = await call(fetch, { step: "read discovery", kind: "read", method: "GET", url }, issuerOnly)
    if (issuer !== realmUrl(settings))
      throw new ConnectorError(
        "unknown",
        "read discovery",
        `The realm calls itself ${issuer}. Enter the base URL that its tokens name, or set the server's hostname.`,
      )
    return "The discovery document names the configured realm."
  })
}
