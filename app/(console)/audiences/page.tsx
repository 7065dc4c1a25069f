import type { Metadata } from "next"
import { AudienceList } from "../../../components/audiences/AudienceList.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Audiences" }

export default async function AudiencesPage() {
  const actor = await requireActor()
  return may(actor, "registry:read") ? <AudienceList /> : <Denied permission="registry:read" />
}
