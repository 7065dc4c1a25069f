import type { Metadata } from "next"
import { redirect } from "next/navigation"
import { SignIn } from "../../../components/door/SignIn.tsx"
import { safeNext } from "../../../components/shell/session.ts"
import { setupNeeded } from "../../../lib/auth/links.ts"
import { pageActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Sign in" }

export default async function LoginPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const { next, done } = await searchParams
  const to = safeNext(typeof next === "string" ? next : null)
  if (await pageActor()) redirect(to)
  return <SignIn next={to} setup={await setupNeeded()} done={done === "password" || done === "setup" ? done : null} />
}
