import { quoted, scopeText, type SnippetContext } from "./context.ts"

/** A calling service with the package `grantry/oauth`: token cached, renewed early, one retry after a 401. */
export function typescript(c: SnippetContext): string {
  const key = c.authMethod === "private_key_jwt"
  const audience = c.grant ? `, audience: ${quoted(c.grant.audience)}` : ""
  return `${key ? 'import { readFile } from "node:fs/promises"\n' : ""}import { TokenManager, createHttpClient, providerConfig } from "grantry/oauth"

const tokens = new TokenManager({
  provider: providerConfig("generic", { issuer: ${quoted(c.issuer)}${c.audienceParameter === "resource" || !c.grant ? "" : `, audienceParameter: ${quoted(c.audienceParameter ?? "none")}`} }),
  clientId: ${quoted(c.clientId)},
  auth: ${key ? '{ method: "private_key_jwt", privateKey: JSON.parse(await readFile(process.env.CLIENT_KEY_FILE, "utf8")) }' : `{ method: ${quoted(c.authMethod)}, secret: process.env.CLIENT_SECRET }`},
})

const call = createHttpClient({ tokens, request: { scope: ${quoted(scopeText(c))}${audience} } })
const answer = await call(${quoted(c.grant?.audience ?? "https://api.internal")})
console.log(answer.status)
`
}
