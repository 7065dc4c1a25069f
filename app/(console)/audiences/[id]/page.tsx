import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { AudienceDetail } from "../../../../components/audiences/AudienceDetail.tsx"
import { Denied } from "../../../../components/ui/Denied.tsx"
import { may } from "../../../../lib/auth/permissions.ts"
import { getAudienceDetail } from "../../../../lib/registry/audiences/queries.ts"
import { idParams } from "../../../../lib/registry/schema.ts"
import { orNotFound, requireActor } from "../../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Audience" }

export default async function AudiencePage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor()
  if (!may(actor, "registry:read")) return <Denied permission="registry:read" />
  const id = idParams.safeParse(await params)
  if (!id.success) notFound()
  return <AudienceDetail {...await orNotFound(getAudienceDetail(actor, id.data.id))} />
}
