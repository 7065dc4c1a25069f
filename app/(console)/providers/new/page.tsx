import type { Metadata } from "next"
import { ConnectPage } from "../../../../components/providers/ConnectPage.tsx"
import { Denied } from "../../../../components/ui/Denied.tsx"
import { may } from "../../../../lib/auth/permissions.ts"
import { kinds } from "../../../../lib/connectors/kinds.ts"
import { sheetOf } from "../../../../lib/connectors/sheet.ts"
import { requireActor } from "../../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Connect provider" }

/** What a person connects: the local provider connects itself. */
const connectable = kinds.filter(({ kind }) => kind !== "local")

export default async function ConnectProviderPage() {
  const actor = await requireActor()
  if (!may(actor, "providers:write")) return <Denied permission="providers:write" />
  return <ConnectPage sheets={connectable.map(sheetOf)} />
}
