import type { ReactNode } from "react"
import { Shell } from "../components/shell/Shell.tsx"
import type { Actor } from "../lib/auth/actor.ts"
import { kinds } from "../lib/connectors/kinds.ts"
import { runtime } from "../lib/runtime.ts"

const kindTitles = Object.fromEntries(kinds.map(({ kind, title }) => [kind, title]))

/** Header and navigation around a page, as this viewer may see them. */
export function ConsoleShell({ actor, children }: { actor: Actor; children: ReactNode }) {
  const url = new URL(runtime().env.publicUrl)
  return (
    <Shell
      viewer={{ id: actor.id, name: actor.name, permissions: [...actor.permissions] }}
      kinds={kindTitles}
      environment={{ label: url.host, secure: url.protocol === "https:" }}
    >
      {children}
    </Shell>
  )
}
