import type { Metadata } from "next"
import { ProviderList } from "../../../components/providers/ProviderList.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Providers" }

export default async function ProvidersPage() {
  const actor = await requireActor()
  return may(actor, "providers:read") ? <ProviderList /> : <Denied permission="providers:read" />
}
