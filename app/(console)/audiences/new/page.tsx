import type { Metadata } from "next"
import { NewAudience } from "../../../../components/audiences/NewAudience.tsx"
import { Denied } from "../../../../components/ui/Denied.tsx"
import { may } from "../../../../lib/auth/permissions.ts"
import { requireActor } from "../../../../lib/web/page.ts"

export const metadata: Metadata = { title: "New audience" }

export default async function NewAudiencePage() {
  const actor = await requireActor()
  return may(actor, "registry:write") ? <NewAudience /> : <Denied permission="registry:write" />
}
