import { discover, endpointsOf } from "../discovery.ts"
import type { Cannot, Connector, Opened } from "../port.ts"
import { check } from "./check.ts"
import { introspectionPort } from "./introspect.ts"
import { goAuthkitSettings } from "./settings.ts"

const source = "go-authkit 0.34.0: its example provider has no administration API"
const notManaged: Cannot = { cannot: "This provider can be verified and introspected, not managed.", source }

/** The connector for a provider as go-authkit's services know it: verification and introspection only. */
export function openGoAuthkit(opened: Opened): Connector {
  const settings = goAuthkitSettings.parse(opened.settings)
  const { base_url: base } = settings
  const discovery = () => discover(opened.fetch, { issuer: base, lenient: true })
  const endpoints = async () => {
    const told = await discovery()
    const found = endpointsOf(told.issuer ?? base, told)
    const { introspection_endpoint: fixed } = settings
    return fixed === undefined ? found : { ...found, introspectionEndpoint: fixed }
  }
  const introspection = introspectionPort(opened, settings, discovery)
  return {
    kind: "go_authkit",
    check: () => check(opened, settings, discovery, introspection),
    endpoints,
    reject: () => [],
    project: () => ({ is: "unsupported", why: notManaged.cannot }),
    shape: (desired) => ({ objects: desired, notes: [] }),
    clientIdOf: ({ key }) => key,
    async tokenRequest() {
      const { tokenEndpoint, issuer } = await endpoints()
      // It looks at the credentials alone; what is asked for in the body is ignored.
      return { tokenEndpoint, issuer, parameters: {} }
    },
    write: notManaged,
    secrets: { cannot: "Its users and passwords are its own and are not managed from here.", source },
    introspection,
    events: {
      cannot: "It writes access logs only. Services that use the library report their own validations.",
      source: "go-authkit 0.34.0, examples/token-introspection",
    },
    changes: { cannot: "Nothing is managed, so nothing is logged.", source },
  }
}
