import { describe, expect, it } from "vitest"
import type { TokenContext } from "./check.ts"
import { ec, context, token, found, inspect } from "./inspect.fixture.ts"
import { inspectToken } from "./inspect.ts"
import { audience, goodHeader, goodClaims, issuer, now } from "./token.fixture.ts"

describe("each claim", () => {
  it.each<[string, string, object, Partial<TokenContext>, string]>([
    ["issuer", "fail", { ...goodClaims, iss: `${issuer}/` }, {}, "only in a slash at the end"],
    ["issuer", "fail", { ...goodClaims, iss: issuer.replace("https", "http") }, {}, "only in http and https"],
    ["issuer", "fail", { ...goodClaims, iss: issuer.toUpperCase() }, {}, "upper and lower case"],
    ["issuer", "fail", { ...goodClaims, iss: undefined }, {}, "names no issuer"],
    [
      "audience",
      "fail",
      { ...goodClaims, aud: "https://inventory-service.internal" },
      {},
      'expected "https://payment-service.internal"',
    ],
    ["audience", "fail", { ...goodClaims, aud: [] }, {}, "names no audience"],
    ["audience", "fail", { ...goodClaims, aud: [1, audience] }, {}, "neither a string"],
    ["audience", "fail", { ...goodClaims, aud: audience.toUpperCase() }, {}, "upper and lower case"],
    ["audience", "warn", { ...goodClaims, aud: [audience, "account"] }, {}, '"account"'],
    [
      "audience",
      "pass",
      { ...goodClaims, aud: [audience, "b"] },
      { audience: { mode: "exact", identifiers: [audience], known: ["b"] } },
      "as expected",
    ],
    ["expiry", "fail", { ...goodClaims, exp: now - 42 }, {}, "Expired 42 s ago, tolerance 30 s."],
    ["expiry", "fail", { ...goodClaims, exp: now - 60 }, { tolerance: 3600 }, "tolerance 1 min"],
    ["expiry", "warn", { ...goodClaims, exp: now - 29 }, {}, "within the tolerance"],
    ["expiry", "fail", { ...goodClaims, exp: now - 30 }, {}, "Expired 30 s ago"],
    ["expiry", "fail", { ...goodClaims, exp: String(now + 60) }, {}, "a string"],
    ["expiry", "fail", { ...goodClaims, exp: (now + 60) * 1000 }, {}, "milliseconds"],
    ["expiry", "fail", { ...goodClaims, exp: undefined }, {}, "no exp"],
    ["expiry", "warn", { ...goodClaims, exp: now + 90_000 }, {}, "longest, 1 h"],
    ["not_before", "fail", { ...goodClaims, nbf: now + 31 }, {}, "Valid only in 31 s, tolerance 30 s."],
    ["not_before", "pass", { ...goodClaims, nbf: now + 30 }, {}, "within the tolerance"],
    ["issued_at", "fail", { ...goodClaims, iat: now + 31 }, {}, "Issued 31 s in the future, tolerance 30 s."],
    ["issued_at", "warn", { ...goodClaims, iat: now - 4000 }, {}, "longest lifetime, 1 h"],
    ["type", "fail", { ...goodClaims, nonce: "n" }, {}, "ID token"],
    ["type", "fail", { ...goodClaims, at_hash: "n" }, {}, "ID token"],
    ["type", "fail", { ...goodClaims, typ: "Refresh" }, {}, "refresh token"],
    ["type", "fail", { ...goodClaims, token_use: "id" }, {}, "ID token"],
    [
      "type",
      "fail",
      { ...goodClaims, events: { "http://schemas.openid.net/event/backchannel-logout": {} } },
      {},
      "logout token",
    ],
    ["required_claims", "fail", { ...goodClaims, jti: undefined, client_id: undefined }, {}, "missing: client_id, jti"],
    [
      "scope",
      "pass",
      { ...goodClaims, scope: `${audience}/payments:write` },
      { scopePrefixes: [`${audience}/`] },
      "granted: payments:write",
    ],
    ["audience", "fail", goodClaims, { audience: { mode: "exact", identifiers: [] } }, "that the registry knows"],
    ["client", "fail", goodClaims, { client: { name: "order-service", enabled: false } }, "has disabled"],
    ["client", "warn", goodClaims, { client: null }, "no service client of the registry"],
    ["client", "fail", { ...goodClaims, azp: "other" }, {}, "two callers"],
    [
      "scope",
      "fail",
      goodClaims,
      { requiredScopes: ["payments:write", "payments:read"] },
      "Insufficient scope: payments:read missing",
    ],
    [
      "scope",
      "fail",
      { ...goodClaims, scope: "payments:writers" },
      { requiredScopes: ["payments:write"] },
      "payments:write missing",
    ],
    ["scope", "fail", { ...goodClaims, scope: "payments:write payments:read" }, {}, "payments:read not granted"],
    ["scope", "fail", goodClaims, { grant: null }, "grants this client nothing"],
    ["scope", "warn", { ...goodClaims, scope: "payments:write profile" }, {}, "profile: no scope of this audience"],
    ["scope", "fail", { ...goodClaims, scope: 7 }, {}, "neither a string"],
    ["revocation", "skip", goodClaims, {}, "Not checked"],
    ["revocation", "fail", goodClaims, { introspection: { active: false, askerInAudience: true } }, "not active"],
    ["revocation", "warn", goodClaims, { introspection: { active: false, askerInAudience: false } }, "no proof"],
  ])("%s: %s", (name, is, claims, more, why) => {
    const inspection = inspect(claims, more)
    expect(found(inspection, name)).toMatchObject({ is, why: expect.stringContaining(why) })
    expect(inspection.overall).toBe(is === "fail" ? "rejected" : "valid")
  })

  it("stands for an absent audience where the provider writes none: by the prefix of a scope", () => {
    const { profile: _, grant: __, ...plain } = context
    const { aud: ___, ...claims } = goodClaims
    const judge = (scope: string) =>
      inspectToken(token({ ...claims, scope }), {
        ...plain,
        audience: { mode: "scope_prefix", identifiers: ["https://pay"] },
      })
    expect(judge("https://pay/read").overall).toBe("valid")
    expect(found(judge("https://payroll/read"), "audience")).toMatchObject({
      is: "fail",
      why: expect.stringContaining("no scope begins"),
    })
  })

  it("says a widened projection, and passes it", () => {
    const grant = {
      scopes: ["payments:write"],
      audienceScopes: ["payments:write", "payments:read"],
      widened: [{ scope: "payments:read", why: "The provider grants whole audiences." }],
    }
    expect(found(inspect({ ...goodClaims, scope: "payments:write payments:read" }, { grant }), "scope")).toMatchObject({
      is: "warn",
      why: expect.stringContaining("whole audiences"),
    })
  })

  it.each([
    ["scope as a list", { scope: ["payments:write"] }],
    ["scp as a text", { scope: undefined, scp: "payments:write" }],
    ["scp as a list", { scope: undefined, scp: ["payments:write"] }],
    ["objects of rn and role", { scope: [{ rn: "payments", role: "write" }] }],
    ["Entra roles", { scope: undefined, roles: ["payments:write"] }],
  ])("reads %s", (_, claims) => {
    expect(found(inspect({ ...goodClaims, ...claims }, { requiredScopes: ["payments:write"] }), "scope")?.is).toBe(
      "pass",
    )
  })

  it("lets the introspected scope decide where the token carries none", () => {
    const introspection = { active: true, askerInAudience: true, scope: [{ rn: "payments", role: "write" }] }
    expect(
      found(
        inspect({ ...goodClaims, scope: undefined }, { requiredScopes: ["payments:write"], introspection }),
        "scope",
      )?.is,
    ).toBe("pass")
    expect(
      found(
        inspect({ ...goodClaims, scope: "payments:read" }, { requiredScopes: ["payments:write"], introspection }),
        "scope",
      )?.is,
    ).toBe("fail")
  })

  it("of an expired token fails expiry even when its signature is bad: all checks run", () => {
    const [input, other] = [token({ ...goodClaims, exp: now - 42 }), token()]
    const inspection = inspectToken(
      input.slice(0, input.lastIndexOf(".")) + other.slice(other.lastIndexOf(".")),
      context,
    )
    expect([found(inspection, "signature")?.is, found(inspection, "expiry")?.is]).toEqual(["fail", "fail"])
  })

  it.each([
    ["JWT", "fail"],
    [undefined, "fail"],
    ["application/at+jwt", "pass"],
    ["AT+JWT", "pass"],
    ["logout+jwt", "fail"],
    ["dpop+jwt", "fail"],
    [7, "fail"],
  ])("typ %j under RFC 9068: %s", (typ, is) => {
    expect(found(inspectToken(token(goodClaims, { ...goodHeader(ec), typ }), context), "type")?.is).toBe(is)
  })

  it("typ JWT passes where the registry says that this provider writes it, and warns where nobody says anything", () => {
    const plain = token(goodClaims, { ...goodHeader(ec), typ: "JWT" })
    const { type: _, ...silent } = context
    expect(found(inspectToken(plain, { ...silent, type: "jwt" }), "type")?.is).toBe("pass")
    expect(found(inspectToken(plain, silent), "type")?.is).toBe("warn")
  })
})
