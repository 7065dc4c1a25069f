import type { ReactNode } from "react"
import { requireActor } from "../../lib/web/page.ts"
import { ConsoleShell } from "../shell.tsx"

export const dynamic = "force-dynamic"

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  return <ConsoleShell actor={await requireActor()}>{children}</ConsoleShell>
}
