import { z } from "zod"

/** Settings of a provider of kind `openiddict` (contract.md section 4). */
export const openiddictSettings = z.object({
  issuer: z.url().describe("The issuer of the host, exactly as its discovery document names it."),
  client_id: z.string().min(1).describe("An application of the host with the permission ept:introspection."),
  client_secret: z.string().min(1).describe("Its secret."),
  bundle_url: z
    .url()
    .transform((url) => url.replace(/\/+$/, ""))
    .optional()
    .describe(
      "Where the host offers the bundle API (docs/openiddict-bundle.md). Without it the bundle is downloaded here and taken over by hand.",
    ),
  bundle_token: z.string().min(1).optional().describe("The token of the bundle API."),
})
export type OpeniddictSettings = z.output<typeof openiddictSettings>
