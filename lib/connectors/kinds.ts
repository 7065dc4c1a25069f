import type { ProviderKind } from "./kind.ts"
import { openLocal } from "./local/local.ts"
import { localSettings } from "./local/shapes.ts"

/** Every kind that can be connected. */
export const kinds: readonly ProviderKind[] = [
  {
    kind: "local",
    title: "Local identity provider",
    settings: localSettings,
    secrets: ["admin_token"],
    endpoints(settings) {
      const { issuer } = localSettings.pick({ issuer: true }).parse(settings)
      return {
        issuer,
        tokenEndpoint: `${issuer}/token`,
        jwksUri: `${issuer}/jwks`,
        introspectionEndpoint: `${issuer}/token/introspection`,
      }
    },
    open: openLocal,
  },
]

export const kindOf = (kind: string): ProviderKind | null => kinds.find((known) => known.kind === kind) ?? null
