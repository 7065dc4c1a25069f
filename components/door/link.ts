import { useEffect, useState } from "react"

/**
 * The path of a one-time link with its token in the fragment: no server, log or Referer ever sees that part of an address
 * (RFC 9110 section 10.1.3, WHATWG Fetch).
 */
export const tokenIn = (hash: string): string => new URLSearchParams(hash.replace(/^#/, "")).get("token") ?? ""

/**
 * The token of the address, which then leaves the address bar and the history; "" where the link has none, undefined until
 * the browser has looked.
 */
export function useLinkToken(): string | undefined {
  const [token, setToken] = useState<string>()
  useEffect(() => {
    const look = () => {
      const found = tokenIn(window.location.hash)
      if (found === "") return setToken((known) => known ?? "")
      window.history.replaceState(null, "", window.location.pathname + window.location.search)
      setToken(found)
    }
    look()
    // Another link opened in the same tab changes the fragment only, and loads nothing.
    window.addEventListener("hashchange", look)
    return () => window.removeEventListener("hashchange", look)
  }, [])
  return token
}
