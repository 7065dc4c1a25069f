import NextAuth from "next-auth"
import type { NextRequest } from "next/server"
import { authOptions } from "../../../../lib/web/nextauth.ts"
import { runtime } from "../../../../lib/runtime.ts"

type Context = { params: Promise<{ nextauth: string[] }> }

/** next-auth's own routes: CSRF token, sign-in with credentials, sign-out. */
async function handle(request: NextRequest, context: Context): Promise<Response> {
  runtime()
  const answer: Response = await NextAuth(request, { ...context, params: await context.params }, authOptions())
  answer.headers.set("cache-control", "private, no-store")
  return answer
}

export { handle as GET, handle as POST }
