/** Signing in and out over next-auth's own routes; plain fetch, since its browser client would bring a session store along. */

async function csrfToken(): Promise<string> {
  const response = await fetch("/api/auth/csrf", { cache: "no-store" })
  const body: unknown = await response.json()
  if (typeof body === "object" && body !== null && "csrfToken" in body && typeof body.csrfToken === "string")
    return body.csrfToken
  throw new Error("The server did not answer as expected. Try again.")
}

const post = async (path: string, fields: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(path, {
    method: "POST",
    cache: "no-store",
    body: new URLSearchParams({ ...fields, csrfToken: await csrfToken(), json: "true" }),
  })

export type EnterResult = "entered" | "refused" | "failed"

/** Tries a local account. `refused` covers every reason alike: which one it was is nobody's business. */
export async function enter(email: string, password: string): Promise<EnterResult> {
  try {
    const response = await post("/api/auth/callback/credentials", { email, password, callbackUrl: "/" })
    if (response.ok) return "entered"
    return response.status === 401 ? "refused" : "failed"
  } catch {
    return "failed"
  }
}

/** Ends this session and goes to the sign-in page with a full load, so that nothing of it stays in memory. */
export async function leave(): Promise<void> {
  await post("/api/auth/signout", {})
  window.location.assign("/login")
}

/** Only a path of our own: anything else would let a link send people elsewhere after signing in. */
export function safeNext(next: string | null | undefined): string {
  if (!next || !next.startsWith("/") || next.startsWith("//") || /[\\\u0000-\u001f]/.test(next)) return "/"
  return next
}
