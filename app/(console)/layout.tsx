import type { ReactNode } from "react"
import { Shell } from "../../components/shell/Shell.tsx"
import { runtime } from "../../lib/runtime.ts"
import { requireActor } from "../../lib/web/page.ts"

export const dynamic = "force-dynamic"

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const actor = await requireActor()
  const url = new URL(runtime().env.publicUrl)
  return (
    <Shell
      viewer={{ id: actor.id, name: actor.name, permissions: [...actor.permissions] }}
      environment={{ label: url.host, secure: url.protocol === "https:" }}
    >
      {children}
    </Shell>
  )
}
