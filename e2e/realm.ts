import { randomBytes } from "node:crypto"
import { z } from "zod"

/** A realm of a real Keycloak, as people there work on it: by its admin REST API and without Grantry's marks. */
export interface Realm {
  readonly name: string
  /** One call below `/admin/realms/{realm}` with a bearer token; rejects from status 400 on. */
  call(token: string, method: string, path: string, json?: unknown): Promise<unknown>
  /** A token of the realm `master`'s service account. */
  bootToken(): Promise<string>
  /** Makes a person who may change clients. Resolves to what gives a token of theirs. */
  person(name: string): Promise<() => Promise<string>>
  /** A token as this client asks for it: client credentials by HTTP Basic. */
  clientToken(id: string, secret: string, scope: string): Promise<{ status: number; claims: Record<string, unknown> }>
}

interface Server {
  readonly url: string
  readonly admin: { readonly client_id: string; readonly client_secret: string }
}

const withToken = z.object({ access_token: z.string() })
const withIds = z.array(z.object({ id: z.string(), name: z.string().optional() }))

export function realmAt({ url, admin }: Server, name: string): Realm {
  const tokenOf = async (realm: string, fields: Record<string, string>, headers: Record<string, string> = {}) => {
    const endpoint = `${url}/realms/${encodeURIComponent(realm)}/protocol/openid-connect/token`
    return fetch(endpoint, { method: "POST", headers, body: new URLSearchParams(fields) })
  }
  const call: Realm["call"] = async (token, method, path, json) => {
    const answer = await fetch(`${url}/admin/realms/${encodeURIComponent(name)}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    const text = await answer.text()
    if (answer.status >= 400) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
    return text === "" ? null : (JSON.parse(text) as unknown)
  }
  const bootToken = async () =>
    withToken.parse(await (await tokenOf("master", { grant_type: "client_credentials", ...admin })).json()).access_token
  return {
    name,
    call,
    bootToken,
    async person(username) {
      const password = randomBytes(12).toString("base64url")
      const boot = await bootToken()
      await call(boot, "POST", "/users", {
        username,
        enabled: true,
        emailVerified: true,
        email: `${username}@example.com`,
        firstName: username,
        lastName: "Person",
        credentials: [{ type: "password", value: password, temporary: false }],
      })
      const idIn = async (path: string) => withIds.parse(await call(boot, "GET", path))[0]?.id ?? ""
      const user = await idIn(`/users?exact=true&username=${username}`)
      const management = await idIn("/clients?clientId=realm-management")
      const roles = withIds.parse(await call(boot, "GET", `/clients/${management}/roles`))
      await call(
        boot,
        "POST",
        `/users/${user}/role-mappings/clients/${management}`,
        roles.filter((role) => role.name === "manage-clients"),
      )
      return async () => {
        const answer = await tokenOf(name, { grant_type: "password", client_id: "admin-cli", username, password })
        return withToken.parse(await answer.json()).access_token
      }
    },
    async clientToken(id, secret, scope) {
      const authorization = `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`
      const answer = await tokenOf(name, { grant_type: "client_credentials", scope }, { authorization })
      if (answer.status !== 200) return { status: answer.status, claims: {} }
      const part = withToken.parse(await answer.json()).access_token.split(".")[1] ?? ""
      return {
        status: 200,
        claims: z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(part, "base64url").toString("utf8"))),
      }
    },
  }
}
