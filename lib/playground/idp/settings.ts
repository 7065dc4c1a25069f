import { readFileSync } from "node:fs"
import { join } from "node:path"
import { z } from "zod"
import { hmacSha256 } from "../../base/digest.ts"

/** `local-idp.json` of the data folder, written once by the bootstrap: port and issuer never move, so nobody is orphaned. */
export const settingsSchema = z.object({
  port: z.int().min(1).max(65_535),
  /** Without a path: the routes stand at its root. */
  issuer: z
    .url({ protocol: /^https?$/ })
    .refine(
      (text) => !text.endsWith("/") && URL.parse(text)?.pathname === "/",
      "must have no path and no slash at its end",
    ),
  admin_token: z.string().min(32),
  ingest_token: z.string().min(1),
  /** The word that stands as `auth_server` in the token events. */
  auth_server: z.string().min(1).default("local"),
  /** This provider's source of token events; without it no watermark can be told. */
  source_id: z.string().optional(),
})
export type Settings = z.output<typeof settingsSchema>

/** Throws with one clear line when the file is missing or unusable. */
export function readSettings(dataDir: string): Settings {
  const path = join(dataDir, "local-idp.json")
  let raw: unknown
  try {
    raw = JSON.parse(readFileSync(path, "utf8"))
  } catch (error) {
    throw new Error(`${path} cannot be read. It is made by the first start.`, { cause: error })
  }
  const parsed = settingsSchema.safeParse(raw)
  if (!parsed.success)
    throw new Error(
      `${path} is not usable: ${parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("; ")}`,
    )
  return parsed.data
}

/** The admin API's read-only token, derived from the admin token: whoever may write may hand it out, and not the other way round. */
export const readToken = (adminToken: string): string =>
  `idpr_${hmacSha256(Buffer.from(adminToken), "grantry local idp, read only").toString("base64url")}`
