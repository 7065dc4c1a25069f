import { z } from "zod"

/** Settings of a provider of kind `auth0`. `client_secret` is sealed. */
export const auth0Settings = z.object({
  base_url: z
    .url()
    .transform((text) => text.replace(/\/+$/, ""))
    .describe("The tenant's address, for example https://acme.eu.auth0.com. Not a custom domain."),
  client_id: z
    .string()
    .min(1)
    .describe("The client ID of a machine-to-machine application that is authorized for the Auth0 Management API."),
  client_secret: z.string().min(1).describe("The client secret of that application."),
})

export type Auth0Settings = z.output<typeof auth0Settings>

/** The identifier of the Management API of a tenant: the audience of our own tokens. */
export const managementAudience = (baseUrl: string): string => `${baseUrl}/api/v2/`
