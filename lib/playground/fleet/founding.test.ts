import { expect, test, vi } from "vitest"
import { startGoAuthkitTwin } from "../../connectors/fakes/go_authkit/idp.ts"
import { providerConfig } from "../../oauth/provider-config.ts"
import { TokenManager } from "../../oauth/token-manager.ts"
import { startFounding } from "./founding.ts"

const listening = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap").length

test("where the resource service does not start, greeter and identity provider do not go on listening", async () => {
  const provider = providerConfig("generic", { tokenUrl: "http://127.0.0.1:9/token", audienceParameter: "none" })
  const manager = new TokenManager({
    provider,
    clientId: "c",
    auth: { method: "client_secret_basic", secret: "s" },
    now: Date.now,
  })
  const options = {
    host: "127.0.0.1",
    issuer: "http://127.0.0.1:9",
    authServer: "local",
    tokens: { caller: manager, greeter: manager },
    greeter: { clientId: "c", clientSecret: "s" },
    onEvent: () => {},
    now: Date.now,
  }
  const before = listening()
  await expect(startFounding(options, () => Promise.reject(new Error("no port is free")))).rejects.toThrow("no port")
  await vi.waitFor(() => expect(listening()).toBe(before))
})

test("the identity provider of the demo remembers no more calls and tokens than it is told, however long it runs", async () => {
  const twin = await startGoAuthkitTwin(0, 3)
  const tokens: string[] = []
  for (let i = 0; i < 5; i++) tokens.push(await twin.token("user"))
  expect(tokens.map((token) => twin.introspect(token).active)).toEqual([false, false, true, true, true])
  for (let i = 0; i < 5; i++) await (await fetch(`${twin.url}/idp/keys`)).body?.cancel()
  expect(twin.calls).toHaveLength(3)
  await twin.stop()
})
