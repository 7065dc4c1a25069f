import { exportJWK, generateKeyPair, jwtVerify } from "jose"
import { expect, it } from "vitest"
import { proveClient } from "./client-auth.ts"

const now = Date.UTC(2026, 10, 21)

it("client_secret_post puts id and secret into the form and nothing into the header", async () => {
  const proof = await proveClient("c", { method: "client_secret_post", secret: "s" }, "https://idp.example", now)
  expect(proof).toEqual({ headers: {}, params: { client_id: "c", client_secret: "s" } })
})

it("private_key_jwt makes an assertion of one minute for the issuer, new each time", async () => {
  const pair = await generateKeyPair("ES256", { extractable: true })
  const privateKey = { ...(await exportJWK(pair.privateKey)), kid: "k1", alg: "ES256" }
  const make = () => proveClient("c", { method: "private_key_jwt", privateKey }, "https://idp.example", now)
  const [one, two] = await Promise.all([make(), make()])
  expect(one.params["client_assertion_type"]).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
  const { payload, protectedHeader } = await jwtVerify(one.params["client_assertion"] ?? "", pair.publicKey, {
    currentDate: new Date(now),
  })
  expect(protectedHeader).toEqual({ alg: "ES256", kid: "k1" })
  expect(payload).toMatchObject({
    iss: "c",
    sub: "c",
    aud: "https://idp.example",
    iat: now / 1000,
    exp: now / 1000 + 60,
  })
  expect(one.params["client_assertion"]).not.toBe(two.params["client_assertion"])
})

it("private_key_jwt without an algorithm is refused before anything is sent", async () => {
  const pair = await generateKeyPair("ES256", { extractable: true })
  const privateKey = await exportJWK(pair.privateKey)
  await expect(proveClient("c", { method: "private_key_jwt", privateKey }, "a", now)).rejects.toMatchObject({
    code: "bad_configuration",
  })
})
