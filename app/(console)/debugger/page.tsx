import type { Metadata } from "next"
import { DebuggerPage } from "../../../components/debugger/DebuggerPage.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Debugger" }

export default async function DebuggerRoute() {
  const actor = await requireActor()
  if (!may(actor, "tokens:inspect")) return <Denied permission="tokens:inspect" />
  return <DebuggerPage />
}
