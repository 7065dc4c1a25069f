import type { Metadata } from "next"
import { PlanList } from "../../../components/plans/PlanList.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Plans" }

export default async function PlansPage() {
  const actor = await requireActor()
  return may(actor, "plans:read") ? <PlanList /> : <Denied permission="plans:read" />
}
