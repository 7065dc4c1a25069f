import { z } from "zod"

/** Settings of a provider of kind `cognito`: one user pool. `secret_access_key` is sealed. */
export const cognitoSettings = z.object({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as eu-central-1")
    .meta({ examples: ["eu-central-1"] })
    .describe("The AWS region of the user pool, for example eu-central-1."),
  user_pool_id: z
    .string()
    .max(55)
    .regex(/^[\w-]+_[0-9a-zA-Z]+$/, "must be a user pool ID such as eu-central-1_AbCdEfGhI")
    .meta({ examples: ["eu-central-1_AbCdEfGhI"] })
    .describe("The ID of the user pool, for example eu-central-1_AbCdEfGhI. The pool needs a domain."),
  access_key_id: z
    .string()
    .regex(/^\w{16,128}$/, "must be an access key ID")
    .meta({ examples: ["AKIAIOSFODNN7EXAMPLE"] })
    .describe("The access key ID of an IAM user that may do only what is listed here, on this pool alone."),
  secret_access_key: z.string().min(1).describe("Its secret access key."),
  endpoint: z
    .url()
    .transform((text) => text.replace(/\/+$/, ""))
    .optional()
    .describe("Only for tests and replays: where to send every request instead of AWS."),
})

export type CognitoSettings = z.output<typeof cognitoSettings>

/** China has a suffix of its own; every other partition that has user pools does not. */
const suffixOf = (region: string): string => (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com")

export type AwsService = "cognito-idp" | "cloudtrail"

/** Where the API of a service stands. */
export const serviceUrl = ({ region, endpoint }: CognitoSettings, service: AwsService): string =>
  endpoint ?? `https://${service}.${region}.${suffixOf(region)}`

/** The issuer of a pool's tokens. Its keys and its discovery document are below it; its token endpoint is not. */
export const issuerOf = (settings: CognitoSettings): string =>
  `${serviceUrl(settings, "cognito-idp")}/${settings.user_pool_id}`
