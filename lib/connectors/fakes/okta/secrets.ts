import { createHash } from "node:crypto"
import type { Json } from "../../../base/json.ts"
import type { FakeRequest, Route } from "../base/server.ts"
import { acceptSecret, methodOf, newSecret } from "./apps.ts"
import { logAct, type Admin } from "./callers.ts"
import { bodyOf, invalid, notFound } from "./law.ts"
import { nowText, type FakeApp, type FakeSecret, type Org } from "./state.ts"

const secretsMax = 2

/** Two at most, inactive ones included; the last active one cannot be ended, and an active one cannot be deleted. */
export function secretRoutes(org: Org, admin: Admin): readonly Route[] {
  const base = "/api/v1/apps/:id/credentials/secrets"
  const [read, manage] = ["okta.apps.read", "okta.apps.manage"]
  const appOf = ({ params }: FakeRequest): FakeApp => {
    const app = org.apps.get(params.id ?? "")
    if (!app) throw notFound(`${params.id ?? ""} (AppInstance)`)
    return app
  }
  const secretOf = (app: FakeApp, { params }: FakeRequest): FakeSecret => {
    const secret = app.secrets.find(({ id }) => id === params.secret)
    if (!secret) throw notFound(`${params.secret ?? ""} (OAuth2ClientSecret)`)
    return secret
  }
  const shown = ({ value, ...secret }: FakeSecret, clear = org.modes.clearSecrets): Json => ({
    ...secret,
    client_secret: clear ? value : "*".repeat(16),
    secret_hash: createHash("sha256").update(value).digest("base64url").slice(0, 22),
  })

  return [
    admin("GET", base, read, (request, actor) => {
      const app = appOf(request)
      logAct(org, actor, "app.oauth2.client.read_client_secret", [{ id: app.id, type: "AppInstance" }])
      return { status: 200, json: app.secrets.map((secret) => shown(secret)) }
    }),
    admin("POST", base, manage, (request, actor) => {
      const app = appOf(request)
      const body = bodyOf(request)
      if (methodOf(app) === "private_key_jwt")
        throw invalid("client_secret", "You can't create a client secret for an app that uses private_key_jwt.")
      if (body.client_secret !== undefined) acceptSecret(body.client_secret)
      if (app.secrets.length >= secretsMax)
        throw invalid("client_secret", "You've reached the maximum number of client secrets per client.")
      const secret = newSecret(org, typeof body.client_secret === "string" ? body.client_secret : undefined)
      if (body.status === "INACTIVE") secret.status = "INACTIVE"
      app.secrets.push(secret)
      logAct(org, actor, "app.oauth2.client.lifecycle.create_client_secret", [{ id: app.id, type: "AppInstance" }])
      return { status: 201, json: shown(secret, true) }
    }),
    ...(["activate", "deactivate"] as const).map((verb) =>
      admin("POST", `${base}/:secret/lifecycle/${verb}`, manage, (request, actor) => {
        const app = appOf(request)
        const secret = secretOf(app, request)
        const others = app.secrets.filter((one) => one !== secret && one.status === "ACTIVE")
        if (verb === "deactivate" && secret.status === "ACTIVE" && others.length === 0)
          throw invalid("client_secret", "You can't deactivate the only active client secret.")
        secret.status = verb === "activate" ? "ACTIVE" : "INACTIVE"
        secret.lastUpdated = nowText(org)
        logAct(org, actor, `app.oauth2.client.lifecycle.${verb}_client_secret`, [{ id: app.id, type: "AppInstance" }])
        return { status: 200, json: shown(secret) }
      }),
    ),
    admin("DELETE", `${base}/:secret`, manage, (request, actor) => {
      const app = appOf(request)
      const secret = secretOf(app, request)
      if (secret.status === "ACTIVE")
        throw invalid(
          "client_secret",
          "You can't delete an active client secret. Deactivate the secret before deleting it.",
        )
      app.secrets = app.secrets.filter((one) => one !== secret)
      logAct(org, actor, "app.oauth2.client.lifecycle.delete_client_secret", [{ id: app.id, type: "AppInstance" }])
      return { status: 204 }
    }),
  ]
}
