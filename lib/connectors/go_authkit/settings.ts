import { z } from "zod"

const pem = (what: string) =>
  z
    .string()
    .regex(/-----BEGIN [A-Z ]+-----/, "must be PEM text")
    .optional()
    .describe(what)

/** Settings of a provider of kind `go_authkit` (contract.md section 4). */
export const goAuthkitSettings = z.object({
  base_url: z
    .url()
    .transform((url) => url.replace(/\/+$/, ""))
    .describe("The address of the identity provider; its discovery document is read from there."),
  bearer_token: z
    .string()
    .min(1)
    .optional()
    .describe("An access token with the permission to introspect, sent as Bearer with each introspection."),
  introspection_endpoint: z
    .url()
    .optional()
    .describe("A fixed introspection endpoint. It is used instead of the discovered one."),
  grpc_target: z
    .string()
    .regex(/^[^\s/]+:\d{1,5}$/, "must be host:port")
    .optional()
    .describe("host:port of the token service over gRPC. It is asked first; HTTP stands in when it cannot be reached."),
  grpc_ca: pem("Certificate of the authority that signed the server's certificate, as PEM. Giving it turns TLS on."),
  grpc_cert: pem("Our client certificate, as PEM, for mutual TLS."),
  grpc_key: pem("The private key of our client certificate, as PEM."),
})
export type GoAuthkitSettings = z.output<typeof goAuthkitSettings>
