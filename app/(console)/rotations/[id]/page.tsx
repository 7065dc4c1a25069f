import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { RotationPage } from "../../../../components/rotations/RotationPage.tsx"
import { Denied } from "../../../../components/ui/Denied.tsx"
import { may } from "../../../../lib/auth/permissions.ts"
import { isId } from "../../../../lib/base/id.ts"
import { requireActor } from "../../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Rotation" }

export default async function RotationDetailPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  const actor = await requireActor()
  if (!may(actor, "rotations:read")) return <Denied permission="rotations:read" />
  if (!isId(id)) notFound()
  return <RotationPage id={id} />
}
