import { quoted, requestParameters, type SnippetContext } from "./context.ts"

/** A token request with Python's standard library alone; null where that cannot sign an assertion. */
export function python(c: SnippetContext): string | null {
  if (c.auth_method === "private_key_jwt") return null
  const basic = c.auth_method === "client_secret_basic"
  const fields = requestParameters(c).map(([name, value]) => `    ${quoted(name)}: ${quoted(value)},`)
  const own = basic
    ? []
    : [`    "client_id": ${quoted(c.client_id)},`, '    "client_secret": os.environ["CLIENT_SECRET"],']
  return `${basic ? "import base64\n" : ""}import json
import os
import urllib.parse
import urllib.request

form = urllib.parse.urlencode({
${[...fields, ...own].join("\n")}
}).encode()
request = urllib.request.Request(${quoted(c.token_endpoint)}, data=form)
${basic ? `pair = ${quoted(c.client_id)} + ":" + urllib.parse.quote(os.environ["CLIENT_SECRET"], safe="")\nrequest.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())\n` : ""}with urllib.request.urlopen(request, timeout=10) as answer:
    token = json.load(answer)
print("expires in", token["expires_in"], "s")
`
}
