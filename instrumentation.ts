/** Runs once in the web process before the first request: next-auth reads its address from the environment. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return
  const { runtime } = await import("./lib/runtime.ts")
  const { env } = runtime()
  process.env.NEXTAUTH_URL = env.publicUrl
}
