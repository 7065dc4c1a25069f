import { z } from "zod"

/** Settings of a provider of kind `keycloak`: one realm, and a client in that very realm to manage it with. */
export const keycloakSettings = z.object({
  base_url: z
    .url({ protocol: /^https?$/ })
    .transform((text) => text.replace(/\/+$/, ""))
    .describe(
      "Where Keycloak is, as everybody reaches it: https://sso.example.com. Without /realms and without /admin.",
    ),
  realm: z.string().min(1).max(255).describe("The realm whose clients, scopes and grants Grantry manages."),
  client_id: z
    .string()
    .min(1)
    .max(255)
    .describe("A client of that realm with a service account; its roles come from the client realm-management."),
  client_secret: z.string().min(1).describe("The secret of that client. It is sealed and never shown again."),
})
export type KeycloakSettings = z.output<typeof keycloakSettings>

/** The realm's addresses below the base. Each name is encoded: a realm may be called almost anything. */
export const realmUrl = ({ base_url: base, realm }: Pick<KeycloakSettings, "base_url" | "realm">): string =>
  `${base}/realms/${encodeURIComponent(realm)}`
export const adminUrl = ({ base_url: base, realm }: Pick<KeycloakSettings, "base_url" | "realm">): string =>
  `${base}/admin/realms/${encodeURIComponent(realm)}`
export const tokenUrl = (settings: Pick<KeycloakSettings, "base_url" | "realm">): string =>
  `${realmUrl(settings)}/protocol/openid-connect/token`
