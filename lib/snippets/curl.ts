import { assertionType, requestParameters, shellWord, type SnippetContext } from "./context.ts"

/** A token request with curl; the secret comes from the environment, so that it stands in no shell history. */
export function curl(c: SnippetContext): string {
  const auth = {
    client_secret_basic: [`--user ${shellWord(c.clientId)}:"$CLIENT_SECRET"`],
    client_secret_post: [
      `--data-urlencode ${shellWord(`client_id=${c.clientId}`)}`,
      '--data-urlencode "client_secret=$CLIENT_SECRET"',
    ],
    private_key_jwt: [
      `--data-urlencode ${shellWord(`client_id=${c.clientId}`)}`,
      `--data-urlencode ${shellWord(`client_assertion_type=${assertionType}`)}`,
      '--data-urlencode "client_assertion=$CLIENT_ASSERTION"',
    ],
  }[c.authMethod]
  const fields = requestParameters(c).map(([name, value]) => `--data-urlencode ${shellWord(`${name}=${value}`)}`)
  return [`curl --fail-with-body --silent ${shellWord(c.tokenEndpoint)}`, ...auth, ...fields].join(" \\\n  ") + "\n"
}
