import { z } from "zod"

const base = (text: string): string => text.replace(/\/+$/, "")

/** Settings of a provider of kind `entra`. `client_secret` is sealed. */
export const entraSettings = z.object({
  tenant_id: z
    .string()
    .regex(/^[0-9A-Za-z.-]{1,253}$/, { error: "must be the tenant's id, a GUID" })
    .describe("The directory (tenant) ID, a GUID. It stands on the overview page of Microsoft Entra ID."),
  client_id: z.string().min(1).describe("The application (client) ID of the app registration that Grantry logs in as."),
  client_secret: z.string().min(1).describe("The value of a client secret of that app registration."),
  login_base_url: z
    .url()
    .default("https://login.microsoftonline.com")
    .transform(base)
    .describe("Where tokens are asked for. Another one for national clouds."),
  graph_base_url: z
    .url()
    .default("https://graph.microsoft.com")
    .transform((text) => base(base(text).replace(/\/(v1\.0|beta)$/, "")))
    .describe("Microsoft Graph, without its version. Another one for national clouds."),
})

export type EntraSettings = z.output<typeof entraSettings>

/** The issuer of version 2 tokens, and of everything that discovery tells. */
export const issuerOf = (settings: Pick<EntraSettings, "login_base_url" | "tenant_id">): string =>
  `${settings.login_base_url}/${settings.tenant_id}/v2.0`

export const tokenEndpointOf = (settings: Pick<EntraSettings, "login_base_url" | "tenant_id">): string =>
  `${settings.login_base_url}/${settings.tenant_id}/oauth2/v2.0/token`
