import type { Metadata } from "next"
import { ClientDetail } from "../../../../components/clients/ClientDetail.tsx"
import { Denied } from "../../../../components/ui/Denied.tsx"
import { may } from "../../../../lib/auth/permissions.ts"
import { getClientDetail } from "../../../../lib/registry/clients/queries.ts"
import { runtime } from "../../../../lib/runtime.ts"
import { orNotFound, requireActor } from "../../../../lib/web/page.ts"
import { idParams } from "../../../../lib/registry/schema.ts"
import { notFound } from "next/navigation"

export const metadata: Metadata = { title: "Client" }

export default async function ClientPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor()
  if (!may(actor, "registry:read")) return <Denied permission="registry:read" />
  const id = idParams.safeParse(await params)
  if (!id.success) notFound()
  const detail = await orNotFound(getClientDetail(actor, id.data.id))
  return <ClientDetail {...detail} publicUrl={runtime().env.publicUrl} />
}
