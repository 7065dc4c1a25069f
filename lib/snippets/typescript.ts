import { otherParameters, quoted, scopeText, type SnippetContext } from "./context.ts"

/** A calling service with the package `grantry/oauth`: token cached, renewed early, one retry after a 401. */
export function typescript(c: SnippetContext): string {
  const key = c.auth_method === "private_key_jwt"
  const [named] = otherParameters(c)
  const parameter = named?.[0] === "resource" ? "" : `, audienceParameter: ${quoted(named?.[0] ?? "none")}`
  const audience = named ? `, audience: ${quoted(named[1])}` : ""
  return `${key ? 'import { readFile } from "node:fs/promises"\n' : ""}import { TokenManager, createHttpClient, providerConfig } from "grantry/oauth"

const tokens = new TokenManager({
  provider: providerConfig("generic", { issuer: ${quoted(c.issuer)}, tokenUrl: ${quoted(c.token_endpoint)}${parameter} }),
  clientId: ${quoted(c.client_id)},
  auth: ${key ? '{ method: "private_key_jwt", privateKey: JSON.parse(await readFile(process.env.CLIENT_KEY_FILE, "utf8")) }' : `{ method: ${quoted(c.auth_method)}, secret: process.env.CLIENT_SECRET }`},
})

const call = createHttpClient({ tokens, request: { scope: ${quoted(scopeText(c))}${audience} } })
const answer = await call(${quoted(c.audience ?? "https://api.internal")})
console.log(answer.status)
`
}
