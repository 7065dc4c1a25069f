import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { ProviderView } from "../../../../components/providers/ProviderView.tsx"
import { Denied } from "../../../../components/ui/Denied.tsx"
import { may } from "../../../../lib/auth/permissions.ts"
import { isId } from "../../../../lib/base/id.ts"
import { kinds } from "../../../../lib/connectors/kinds.ts"
import { sheetOf } from "../../../../lib/connectors/sheet.ts"
import { requireActor } from "../../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Provider" }

export default async function ProviderPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  const actor = await requireActor()
  if (!may(actor, "providers:read")) return <Denied permission="providers:read" />
  if (!isId(id)) notFound()
  return <ProviderView id={id} sheets={kinds.map(sheetOf)} />
}
