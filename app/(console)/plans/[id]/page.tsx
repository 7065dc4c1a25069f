import type { Metadata } from "next"
import { notFound } from "next/navigation"
import { PlanView } from "../../../../components/plans/PlanView.tsx"
import { Denied } from "../../../../components/ui/Denied.tsx"
import { may } from "../../../../lib/auth/permissions.ts"
import { isId } from "../../../../lib/base/id.ts"
import { requireActor } from "../../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Plan" }

export default async function PlanPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  const actor = await requireActor()
  if (!may(actor, "plans:read")) return <Denied permission="plans:read" />
  if (!isId(id)) notFound()
  return <PlanView id={id} />
}
