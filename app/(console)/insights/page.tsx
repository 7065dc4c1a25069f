import type { Metadata } from "next"
import { InsightsPage } from "../../../components/insights/InsightsPage.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Insights" }

export default async function InsightsRoute() {
  const actor = await requireActor()
  if (!may(actor, "events:read")) return <Denied permission="events:read" />
  return <InsightsPage />
}
