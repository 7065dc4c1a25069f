import { attempt, checked, pass, skipped } from "../checks.ts"
import { countKeys, endpointsOf, type Discovered } from "../discovery.ts"
import type { Check, IntrospectionPort, Opened } from "../port.ts"
import type { GoAuthkitSettings } from "./settings.ts"

/** A token that cannot exist: the server still has to accept the caller. */
const noToken = "grantry-check"

export async function check(
  opened: Opened,
  settings: GoAuthkitSettings,
  discovery: () => Promise<Discovered>,
  { introspect }: IntrospectionPort,
): Promise<readonly Check[]> {
  const told = await attempt("discovery", async () => {
    const found = await discovery()
    return { found, ...endpointsOf(found.issuer ?? settings.base_url, found) }
  })
  if ("failed" in told) return [told.failed, ...["signing_keys", "introspection"].map(skipped)]
  const { found, jwksUri } = told.value
  return [
    pass(
      "discovery",
      found.issuer
        ? `The discovery document names the issuer ${found.issuer}.`
        : "The discovery document names no issuer: the base address stands for it.",
    ),
    await checked("signing_keys", async () => `${await countKeys(opened.fetch, jwksUri)} signing keys are published.`),
    await checked("introspection", async () => {
      await introspect(noToken)
      return settings.introspection_endpoint === undefined
        ? "The server takes our introspection requests."
        : "The fixed introspection endpoint takes our requests."
    }),
    ...(settings.grpc_target === undefined ? [] : [await grpc(opened, settings, settings.grpc_target)]),
  ]
}

/** By itself: over HTTP the check above would pass without it. */
async function grpc({ resolve }: Opened, settings: GoAuthkitSettings, target: string): Promise<Check> {
  const { introspectOverGrpc } = await import("./grpc.ts")
  return await checked("grpc", async () => {
    await introspectOverGrpc(noToken, target, settings, resolve, { id: null })
    const how = settings.grpc_cert ? "mutual TLS" : settings.grpc_ca ? "TLS" : "plain text"
    return `The token service answers over gRPC, with ${how}.`
  })
}
