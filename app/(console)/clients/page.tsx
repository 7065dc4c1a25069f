import type { Metadata } from "next"
import { ClientList } from "../../../components/clients/ClientList.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { clientWords } from "../../../lib/registry/clients/queries.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Clients" }

export default async function ClientsPage() {
  const actor = await requireActor()
  if (!may(actor, "registry:read")) return <Denied permission="registry:read" />
  return <ClientList owners={(await clientWords(actor)).owners} />
}
