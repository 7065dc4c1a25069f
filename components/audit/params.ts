import { parseAsNativeArrayOf, parseAsString } from "nuqs"

const some = parseAsNativeArrayOf(parseAsString)
/** In the URL a filter has the name that it has in the API, and a value more repeats it. */
export const filterParams = {
  event: some,
  result: some,
  reason: some,
  client_id: some,
  audience: some,
  scope: some,
  provider: some,
  source: some,
  trace_id: some,
  jti: some,
  ip: some,
  purpose: some,
}
export const rangeParams = { since: parseAsString, from: parseAsString, to: parseAsString }
