import type { Metadata } from "next"
import { redirect } from "next/navigation"
import { FirstAdmin } from "../../../components/door/FirstAdmin.tsx"
import { setupNeeded } from "../../../lib/auth/links.ts"
import { runtime } from "../../../lib/runtime.ts"

export const metadata: Metadata = { title: "Set up" }

export default async function SetupPage() {
  runtime()
  if (!(await setupNeeded())) redirect("/login")
  return <FirstAdmin />
}
