import type { Metadata } from "next"
import { AuditPage } from "../../../components/audit/AuditPage.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { runtime } from "../../../lib/runtime.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Audit" }

export default async function AuditRoute() {
  const actor = await requireActor()
  if (!may(actor, "events:read")) return <Denied permission="events:read" />
  return <AuditPage publicUrl={runtime().env.publicUrl} />
}
