import { describe, expect, it } from "vitest"
import { whereToAsk } from "./whereToAsk.ts"

const [first, second, third] = ["1", "2", "3"].map((id) => ({ id, name: `provider ${id}` }))
const providers = [first, second, third].filter((p) => p !== undefined)
const on = (...provider_ids: string[]) => ({ name: "orders", provider_ids })
const given = { client: on("2"), named: true, audience: true, chosen: null, providers }

describe("where a test token is asked for", () => {
  it("is where the client stands, if that is one place", () => {
    expect(whereToAsk(given)).toEqual({ provider: second, missing: "" })
  })

  it("is where a person says, also where the client does not stand", () => {
    expect(whereToAsk({ ...given, chosen: "3" })).toEqual({ provider: third, missing: "" })
    expect(whereToAsk({ ...given, client: on("1", "2"), chosen: "1" })).toEqual({ provider: first, missing: "" })
  })

  it.each([
    ["no client, no audience", { client: null, named: false, audience: false }, "Choose a client and an audience."],
    ["no audience", { audience: false }, "Choose an audience."],
    ["no client", { client: null, named: false }, "Choose a client."],
    ["several places", { client: on("1", "2") }, "orders stands on 2 providers. Choose where to ask."],
    ["no place", { client: on() }, "orders stands on no provider. Choose where to ask."],
    ["a client that is not found", { client: null }, "Choose where to ask."],
    ["a client that is still being read", { client: undefined }, ""],
  ])("with %s it says what is missing", (_, part, missing) => {
    expect(whereToAsk({ ...given, ...part }).missing).toBe(missing)
  })
})
