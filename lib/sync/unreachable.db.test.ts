/** What a read of a provider says that cannot be reached, where no object of ours would make it ask there. */
import { expect, test } from "vitest"
import { probeProvider } from "../providers/probe.ts"
import { getProvider } from "../providers/queries.ts"
import { readProvider } from "./read.ts"
import { ada, rigOf, testServers } from "./rig.fixture.ts"

testServers()

/** Nothing listens there. */
const nowhere = "http://127.0.0.1:1"

test.each([
  ["oidc", { issuer: nowhere }],
  ["go_authkit", { base_url: nowhere }],
])(
  "%s: with nothing registered there a read fails all the same, and is no read that found no drift",
  async (kind, settings) => {
    const { providerId } = await rigOf(kind, settings)
    await expect(readProvider(providerId)).rejects.toMatchObject({ code: "unavailable" })
    expect(await getProvider(ada, providerId)).toMatchObject({
      status: "unreachable",
      last_read_at: null,
      last_read_error: expect.any(String),
    })
  },
)

test("openiddict by file: the file is read, and that says nothing of the host", async () => {
  const settings = { issuer: nowhere, client_id: "grantry", client_secret: "of no use" }
  const { providerId } = await rigOf("openiddict", settings)
  await probeProvider(providerId)
  await readProvider(providerId)
  expect(await getProvider(ada, providerId)).toMatchObject({
    status: "unreachable",
    status_why: expect.any(String),
    last_read_at: expect.any(String),
    last_read_error: null,
  })
})
