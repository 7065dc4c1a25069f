import { assertionType, requestParameters, shellWord, type SnippetContext } from "./context.ts"

/** A token request with curl; the secret comes from the environment, so that it stands in no shell history. */
export function curl(c: SnippetContext): string {
  const auth = {
    client_secret_basic: [`--user ${shellWord(c.client_id)}:"$CLIENT_SECRET"`],
    client_secret_post: [
      `--data-urlencode ${shellWord(`client_id=${c.client_id}`)}`,
      '--data-urlencode "client_secret=$CLIENT_SECRET"',
    ],
    private_key_jwt: [
      `--data-urlencode ${shellWord(`client_id=${c.client_id}`)}`,
      `--data-urlencode ${shellWord(`client_assertion_type=${assertionType}`)}`,
      '--data-urlencode "client_assertion=$CLIENT_ASSERTION"',
    ],
  }[c.auth_method]
  const fields = requestParameters(c).map(([name, value]) => `--data-urlencode ${shellWord(`${name}=${value}`)}`)
  return [`curl --fail-with-body --silent ${shellWord(c.token_endpoint)}`, ...auth, ...fields].join(" \\\n  ") + "\n"
}
