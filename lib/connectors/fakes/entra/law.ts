/** The shapes of request bodies, closed as Graph's are, its errors, and how it answers. */
import { randomUUID } from "node:crypto"
import { z } from "zod"
import { jsonOf, type FakeAnswer, type FakeRequest } from "../base/server.ts"
import type { FakeApp, FakePassword, FakePrincipal, FakeRole, Tenant } from "./state.ts"

export class Refused extends Error {
  readonly answer: FakeAnswer
  constructor(status: number, code: string, message: string) {
    super(message)
    this.answer = refuse(status, code, message)
  }
}

export const refuse = (status: number, code: string, message: string): FakeAnswer => {
  const id = randomUUID()
  return {
    status,
    headers: { "request-id": id },
    json: {
      error: {
        code,
        message,
        innerError: { date: "2026-11-21T08:00:00", "request-id": id, "client-request-id": id },
      },
    },
  }
}

export const missing = (): Refused =>
  new Refused(
    404,
    "Request_ResourceNotFound",
    "Resource does not exist or one of its queried reference-property objects are not present.",
  )
export const bad = (message: string, code = "Request_BadRequest"): Refused => new Refused(400, code, message)

/** Reads a body by its schema. Throws Refused 400. */
export function bodyOf<T>(request: FakeRequest, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(jsonOf(request))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw bad(`Invalid property ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`)
}

const role = z.strictObject({
  id: z.uuid(),
  value: z
    .string()
    .max(120)
    .regex(/^[^.]/)
    .nullish()
    .transform((value) => value ?? null),
  displayName: z.string().min(1),
  description: z.string().min(1),
  isEnabled: z.boolean(),
  allowedMemberTypes: z.array(z.enum(["Application", "User"])).min(1),
  origin: z.string().optional(),
})

/** Writable properties as far as they are used; `passwordCredentials` is none (application-upsert). */
export const appBody = z.strictObject({
  displayName: z.string().min(1).max(256).optional(),
  identifierUris: z.array(z.string().max(255)).optional(),
  api: z.strictObject({ requestedAccessTokenVersion: z.union([z.literal(1), z.literal(2)]).nullable() }).optional(),
  appRoles: z.array(role).optional(),
  tags: z.array(z.string().min(1).max(256)).optional(),
  notes: z.string().max(1_024).nullable().optional(),
  isDisabled: z.boolean().nullable().optional(),
})
/** The two that are set at creation only. */
export const newAppBody = appBody.extend({
  signInAudience: z.enum(["AzureADMyOrg", "AzureADMultipleOrgs"]).optional(),
  uniqueName: z.string().optional(),
})
export type AppBody = z.output<typeof appBody>

export const principalBody = z.strictObject({
  accountEnabled: z.boolean().optional(),
  appRoleAssignmentRequired: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
})
export const newPrincipalBody = principalBody.extend({ appId: z.uuid() })

export const assignmentBody = z.strictObject({ principalId: z.uuid(), resourceId: z.uuid(), appRoleId: z.uuid() })

const instant = z.iso.datetime({ offset: true })
export const addPasswordBody = z.strictObject({
  passwordCredential: z
    .strictObject({
      displayName: z.string().nullish(),
      startDateTime: instant.nullish(),
      endDateTime: instant.nullish(),
    })
    .optional(),
})
export const removePasswordBody = z.strictObject({ keyId: z.uuid() })

const definition = z.array(z.string()).length(1)
export const policyPatchBody = z.strictObject({
  displayName: z.string().min(1).optional(),
  definition: definition.optional(),
})
export const policyBody = z.strictObject({
  displayName: z.string().min(1),
  definition,
  isOrganizationDefault: z.boolean().default(false),
})
export const linkBody = z.strictObject({ "@odata.id": z.url() })

/** An identifier names the tenant, the application, or a domain that the tenant has proved (identifier-uri-restrictions). */
export function lawfulUris(tenant: Tenant, app: Pick<FakeApp, "id" | "appId">, uris: readonly string[]): void {
  for (const uri of uris) {
    const url = URL.parse(uri)
    const host = url?.hostname ?? ""
    const own =
      uri === `api://${app.appId}` || uri.startsWith(`api://${app.appId}/`) || uri.startsWith(`api://${tenant.id}/`)
    if (!own && !tenant.modes.verifiedDomains.some((domain) => host === domain || host.endsWith(`.${domain}`)))
      throw bad(
        `Failed to add identifier URI ${uri}. All newly added URIs must contain a tenant verified domain, tenant ID, or app ID.`,
        "HostNameNotOnVerifiedDomain",
      )
    const others = [...[...tenant.apps.values()].map(({ now }) => now), ...tenant.deleted]
    if (others.some((other) => other.id !== app.id && other.identifierUris.includes(uri)))
      throw bad("Another object with the same value for property identifierUris already exists.")
  }
}

/** A role in use is disabled first, then changed or removed. */
export function lawfulRoles(before: readonly FakeRole[], after: readonly FakeRole[]): void {
  if (new Set(after.map(({ id }) => id)).size < after.length) throw bad("Property appRoles.id must be unique.")
  const values = after.flatMap(({ value }) => value ?? [])
  if (new Set(values).size < values.length) throw bad("Property appRoles.value must be unique.")
  for (const old of before.filter(({ isEnabled }) => isEnabled)) {
    const now = after.find(({ id }) => id === old.id)
    const { isEnabled: _, ...was } = old
    const { isEnabled: __, ...is } = now ?? old
    if (!now || JSON.stringify(sorted(was)) !== JSON.stringify(sorted(is)))
      throw bad(
        "Property value cannot be deleted or updated unless it is disabled first.",
        "CannotDeleteOrUpdateEnabledEntitlement",
      )
  }
}

const sorted = (object: object): unknown => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))

const shownPassword = ({ value: _, knownAt: __, ...rest }: FakePassword) => ({
  customKeyIdentifier: null,
  ...rest,
  secretText: null,
})

export function shownApp(tenant: Tenant, app: FakeApp, query: URLSearchParams): Record<string, unknown> {
  const whole = { ...app, passwordCredentials: app.passwordCredentials.map(shownPassword) }
  return selected(tenant, whole, query)
}

export const shownPrincipal = (tenant: Tenant, one: FakePrincipal, query: URLSearchParams): Record<string, unknown> => {
  const app = [...tenant.apps.values()].find(({ now }) => now.appId === one.appId)?.now
  const whole = { ...one, displayName: app?.displayName ?? null, servicePrincipalType: "Application" }
  return selected(tenant, { ...whole, appOwnerOrganizationId: tenant.id, appRoles: app?.appRoles ?? [] }, query)
}

const ids = new Set(["id", "appId"])

/** `$select`, and, where a test asks, null in every place that may hold it. */
function selected(tenant: Tenant, whole: Record<string, unknown>, query: URLSearchParams): Record<string, unknown> {
  const names = query.get("$select")?.split(",") ?? Object.keys(whole)
  return Object.fromEntries(
    Object.entries(whole)
      .filter(([name]) => name === "id" || names.includes(name))
      .flatMap(([name, value]) => {
        if (!tenant.modes.nulls || ids.has(name)) return [[name, value]]
        return Array.isArray(value) ? [] : [[name, null]]
      }),
  )
}

/** One page with its link to the next. */
/** How long a link to a next page is taken. Graph does not say; some end. */
const linkLifeMs = 3_600_000

export function paged(tenant: Tenant, { origin, path, query }: FakeRequest, items: readonly unknown[]): FakeAnswer {
  const top = Number(query.get("$top") ?? 100)
  if (!Number.isInteger(top) || top < 1 || top > 1_000) throw bad("Invalid page size specified.")
  const size = Math.min(top, tenant.modes.pageMax)
  const now = tenant.clock.now().getTime()
  const [from = 0, issued = now] = (query.get("$skiptoken") ?? "").split(".").filter(Boolean).map(Number)
  if (now - issued > linkLifeMs) throw bad("Skip token is expired.", "BadRequest")
  const next = new URLSearchParams(query)
  next.set("$skiptoken", `${from + size}.${now}`)
  return {
    status: 200,
    json: {
      "@odata.context": `${origin}/v1.0/$metadata`,
      ...(from + size < items.length ? { "@odata.nextLink": `${origin}${path}?${next.toString()}` } : {}),
      value: items.slice(from, from + size),
    },
  }
}
