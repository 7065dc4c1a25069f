import { FetchRefused, type GuardedFetch } from "../base/http.ts"
import { looks, type ContractProvider } from "./contract-subject.ts"

/** The request is carried out, and its answer does not come back as it should. Reads are left alone. */
export function losing(
  provider: ContractProvider,
  how: "timeout" | "unreachable" | "HTML" | "truncated" | "502",
): GuardedFetch {
  return async (url, init) => {
    const answer = await provider.fetch(url, init)
    if (looks(provider, url, init)) return answer
    if (how === "timeout" || how === "unreachable")
      throw new FetchRefused(
        how,
        "The server could not be reached.",
        Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
      )
    if (how === "HTML") return { ...answer, text: "<!doctype html><title>Proxy</title>" }
    if (how === "truncated") return { ...answer, text: answer.text.slice(0, answer.text.length / 2) }
    return { status: 502, headers: new Headers({ "content-type": "text/html" }), text: "<h1>Bad gateway</h1>" }
  }
}
