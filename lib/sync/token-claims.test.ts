import { expect, test } from "vitest"
import { deviations, type Planned } from "./token-claims.ts"

const planned: Planned = {
  clientId: "svc",
  audience: "https://a.example",
  scopes: ["read"],
  withheld: ["write"],
  exact: true,
  lifetimeSeconds: 300,
  alg: "RS256",
  opaque: false,
}
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
const good = { aud: "https://a.example", scope: "read", client_id: "svc", iat: 1_000, exp: 1_300 }
const shown = (claims: object, header: object = { alg: "RS256" }) => ({
  token: `${part(header)}.${part(claims)}.c2ln`,
  expiresInSeconds: 300,
  introspected: null,
})

test.each([
  ["as planned", {}, shown(good), []],
  ["stored under a longer name", {}, shown({ ...good, scope: "https://a.example/read" }), []],
  ["another audience", {}, shown({ ...good, aud: ["x"] }), ["its audience is x instead of https://a.example"]],
  ["no audience", {}, shown({ ...good, aud: undefined }), ["its audience is not there instead of https://a.example"]],
  ["two audiences", {}, shown({ ...good, aud: ["https://a.example", "x"] }), ["it is for 2 audiences instead of one"]],
  ["two audiences of a widened grant", { exact: false }, shown({ ...good, aud: ["https://a.example", "x"] }), []],
  ["a lacking scope", {}, shown({ ...good, scope: "other" }), ["it lacks read"]],
  ["a scope that was withheld", {}, shown({ ...good, scope: "read write" }), ["it carries write too"]],
  ["one more word of the provider's own", {}, shown({ ...good, scope: "read profile" }), []],
  ["no scope", {}, shown({ ...good, scope: undefined }), ["it carries no scope"]],
  ["another client", {}, shown({ ...good, client_id: "eve" }), ["it names the client eve instead of svc"]],
  ["a longer life", {}, shown({ ...good, exp: 4_600 }), ["it lives for 3600 s instead of 300 s"]],
  ["a life that the provider does not hold", { lifetimeSeconds: null }, shown({ ...good, exp: 4_600 }), []],
  ["another algorithm", {}, shown(good, { alg: "ES256" }), ["it is signed with ES256 instead of RS256"]],
  [
    "opaque, as planned, told by introspection",
    { opaque: true },
    { token: "abc", expiresInSeconds: 300, introspected: { ...good, scope: "read write" } },
    ["it carries write too"],
  ],
  [
    "opaque, and a JWT was planned",
    {},
    { token: "abc", expiresInSeconds: 60, introspected: null },
    ["it cannot be read, and a JWT was planned", "it lives for 60 s instead of 300 s"],
  ],
  [
    "a JWT, and an opaque one was planned",
    { opaque: true },
    shown(good),
    ["it can be read, and an opaque one was planned"],
  ],
] as const)("%s", (_name, more, token, expected) => {
  expect(deviations({ ...planned, ...more }, token)).toEqual(expected)
})
