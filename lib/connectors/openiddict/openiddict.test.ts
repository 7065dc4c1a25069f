import { describe, expect, test } from "vitest"
import { basic } from "../../oauth/client-auth.ts"
import { decode } from "../../token/decode.ts"
import { isPort, type Connector } from "../port.ts"
import { audience, fetch, hosted, placed } from "./host.fixture.ts"

const host = hosted()

async function tokenOf(open: Connector, secret: string): Promise<string> {
  const { tokenEndpoint, parameters } = await open.tokenRequest(audience.key, ["dataEventRecords"])
  const { text } = await fetch(tokenEndpoint, {
    method: "POST",
    headers: { authorization: basic("CC", secret), "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "client_credentials", ...parameters }).toString(),
  })
  return (JSON.parse(text) as { access_token: string }).access_token
}

const introspect = (open: Connector, token: string) => {
  if (!isPort(open.introspection)) throw new Error("no introspection")
  return open.introspection.introspect(token)
}

describe("tokens of an OpenIddict host", () => {
  test.each([
    ["encrypted", "jwe_compact"],
    ["reference", "opaque"],
    ["plain", "jws"],
  ] as const)("a token in the mode %s is recognised as %s, and introspection tells its claims", async (mode, form) => {
    const { open } = await host(mode)
    await placed(open, "s3cret-of-CC")
    const token = await tokenOf(open, "s3cret-of-CC")
    expect(decode(token).form).toBe(form)
    expect(await introspect(open, token)).toMatchObject({
      active: true,
      client_id: "CC",
      aud: [audience.key],
      scope: "dataEventRecords",
    })
  })

  test("what is encrypted is told to be introspected instead", async () => {
    const { open } = await host("encrypted")
    await placed(open, "s3cret-of-CC")
    expect(decode(await tokenOf(open, "s3cret-of-CC"))).toMatchObject({
      why: expect.stringContaining("Introspect it instead"),
    })
  })

  test("a token for others is inactive for us, and the port says what that may mean", async () => {
    const { open, twin } = await host("reference")
    await placed(open, "s3cret-of-CC")
    const token = await tokenOf(open, "s3cret-of-CC")
    twin.administer((before) => before)
    twin.clock.advance(3_601_000)
    expect(await introspect(open, token)).toEqual({ active: false })
    expect(isPort(open.introspection) && open.introspection.doubt).toContain("audience")
  })
})
