import { importJWK, jwtVerify, type JWK } from "jose"
import { isObject, type Json } from "../../../base/json.ts"
import type { FakeAnswer, FakeRequest, Route } from "../base/server.ts"
import type { SigningKey } from "../base/signing.ts"
import { forbidden, partOf, refusal, Refused } from "./law.ts"
import { writeLog, type Actor, type FakeApp, type Org } from "./state.ts"

export type Admin = (
  method: string,
  path: string,
  scope: string,
  run: (request: FakeRequest, actor: Actor) => FakeAnswer,
) => Route

/** Routes of the Management API: who calls, with which Okta scope. Refusals become answers. */
export function admin(org: Org, key: SigningKey): Admin {
  return (method, path, scope, run) => ({
    method,
    path,
    async run(request) {
      try {
        const actor = await callerOf(org, key, request, scope)
        if (!org.modes.apiAccessManagement && path.startsWith("/api/v1/authorizationServers"))
          throw new Refused(
            refusal(401, "E0000015", "You do not have permission to access the feature you are requesting"),
          )
        return run(request, actor)
      } catch (error) {
        if (error instanceof Refused) return error.answer
        throw error
      }
    },
  })
}

const badToken = () => new Refused(refusal(401, "E0000011", "Invalid token provided"))

async function callerOf(org: Org, key: SigningKey, request: FakeRequest, scope: string): Promise<Actor> {
  const [scheme, token = ""] = (request.headers.authorization ?? "").split(" ")
  if (scheme === "SSWS") {
    const owner = org.tokens.get(token)
    if (!owner) throw badToken()
    return { ...owner, type: "User" }
  }
  const claims = scheme === "Bearer" ? await verified(token, key.jwks.keys[0], org.clock.now()) : null
  if (!claims) throw badToken()
  if (!Array.isArray(claims.scp) || !claims.scp.includes(scope)) throw forbidden()
  const app = [...org.apps.values()].find(({ clientId }) => clientId === claims.cid)
  if (!app) throw badToken()
  return { id: app.clientId, type: "PublicClientApp", displayName: String(app.body.label ?? "") }
}

async function verified(token: string, jwk: JWK | undefined, now: Date) {
  if (!jwk) return null
  return await jwtVerify(token, await importJWK(jwk, "RS256"), { currentDate: now, algorithms: ["RS256"] }).then(
    ({ payload }) => payload,
    () => null,
  )
}

/** RFC 7523: does one of the app's active keys stand behind this assertion for this address? */
export async function assertedBy(
  org: Org,
  app: FakeApp,
  assertion: string,
  audience: readonly string[],
): Promise<boolean> {
  const keys = partOf(partOf(partOf(app.body, "settings"), "oauthClient"), "jwks").keys
  for (const key of Array.isArray(keys) ? keys : []) {
    if (!isObject(key) || key.status === "INACTIVE") continue
    const good = await jwtVerify(assertion, await importJWK(key as JWK, key.kty === "EC" ? "ES256" : "RS256"), {
      currentDate: org.clock.now(),
      audience: [...audience],
      issuer: app.clientId,
      subject: app.clientId,
    }).then(
      () => true,
      () => false,
    )
    if (good) return true
  }
  return false
}

/** Administrative acts, as the System Log tells them. */
export function logAct(
  org: Org,
  actor: Actor,
  eventType: string,
  target: readonly { id: string; type: string }[],
  debug: Record<string, Json> = {},
) {
  writeLog(org, eventType, {
    actor: { ...actor },
    target: target.map((one) => ({ ...one })),
    debugContext: { debugData: debug },
  })
}
