import type { Metadata } from "next"
import { ActivityPage } from "../../../components/trail/ActivityPage.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { trailActions } from "../../../lib/trail/actions.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Activity" }

export default async function Activity() {
  const actor = await requireActor()
  if (!may(actor, "trail:read")) return <Denied permission="trail:read" />
  const kinds = [...new Set(trailActions.map((a) => a.slice(0, a.indexOf("."))))]
  return <ActivityPage actions={trailActions} kinds={kinds} />
}
