import { attempt, checked, pass, skipped } from "../checks.ts"
import { countKeys, discover, endpointsOf } from "../discovery.ts"
import type { Check, IntrospectionPort, Opened } from "../port.ts"
import type { OpeniddictSettings } from "./settings.ts"
import type { BundleStore } from "./store.ts"

/** Is the host as its issuer says, may we introspect, and does the bundle API answer, where there is one? Writes nothing. */
export async function check(
  { fetch }: Opened,
  settings: OpeniddictSettings,
  store: BundleStore,
  { introspect }: IntrospectionPort,
): Promise<readonly Check[]> {
  const { issuer } = settings
  const told = await attempt("discovery", async () => endpointsOf(issuer, await discover(fetch, { issuer })))
  if ("failed" in told) return [told.failed, ...["signing_keys", "introspection", "bundle"].map(skipped)]
  return [
    pass("discovery", "The discovery document names the configured issuer."),
    await checked(
      "signing_keys",
      async () => `${await countKeys(fetch, told.value.jwksUri)} signing keys are published.`,
    ),
    await checked("introspection", async () => {
      // A token that cannot exist: the host still has to accept the caller.
      await introspect("grantry-check")
      return "The host takes our introspection requests."
    }),
    await checked("bundle", async () => {
      const { applications, server } = await store.read("read bundle")
      const held = `${applications.length} applications`
      return settings.bundle_url === undefined
        ? `The last exported bundle holds ${held}. What the host really holds is not known: nothing reads it.`
        : `The bundle API answers, with ${held}${server?.version ? `, on OpenIddict ${server.version}` : ""}.`
    }),
  ]
}
