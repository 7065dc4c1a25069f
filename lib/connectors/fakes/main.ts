/** One fake provider as a process: `node lib/connectors/fakes/main.ts <kind> --port N`. It ends with SIGTERM or SIGINT. */
import { parseArgs } from "node:util"

/** How each kind's fake is started; loaded only when asked for. */
const starters: Readonly<
  Record<string, () => Promise<(port: number) => Promise<{ url: string; settings?: object; stop(): Promise<void> }>>>
> = {
  go_authkit: async () => {
    const { startGoAuthkitTwin } = await import("./go_authkit/idp.ts")
    return startGoAuthkitTwin
  },
  openiddict: async () => {
    const { startOpeniddictTwin } = await import("./openiddict/server.ts")
    return (port) => startOpeniddictTwin({ port })
  },
  auth0: async () => {
    const { startFakeAuth0 } = await import("./auth0/fake.ts")
    return (port) => startFakeAuth0({ port })
  },
  cognito: async () => {
    const { startFakeCognito } = await import("./cognito/fake.ts")
    return (port) => startFakeCognito({ port })
  },
  okta: async () => {
    const { startFakeOkta } = await import("./okta/fake.ts")
    return (port) => startFakeOkta({ port })
  },
  entra: async () => {
    const { startFakeEntra } = await import("./entra/fake.ts")
    return (port) => startFakeEntra({ port })
  },
  keycloak: async () => {
    const { startTryableKeycloak } = await import("./keycloak/tryable.ts")
    return startTryableKeycloak
  },
  oidc: async () => {
    const { startFakeOidc } = await import("./oidc/server.ts")
    return (port) => startFakeOidc({}, port)
  },
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "0" } },
})
const load = starters[positionals[0] ?? ""]
if (!load) {
  process.stderr.write(`usage: node lib/connectors/fakes/main.ts <${Object.keys(starters).join("|")}> --port N\n`)
  process.exit(2)
}
const start = await load()
const fake = await start(Number(values.port))
// Its address, and, where it wants credentials, the settings of a provider that is this fake.
process.stdout.write(`${fake.url}\n${fake.settings ? `${JSON.stringify(fake.settings)}\n` : ""}`)
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void fake.stop().then(() => process.exit(0)))
