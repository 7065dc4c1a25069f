import type { Metadata } from "next"
import { GrantList } from "../../../components/grants/GrantList.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Grants" }

export default async function GrantsPage() {
  const actor = await requireActor()
  return may(actor, "registry:read") ? <GrantList /> : <Denied permission="registry:read" />
}
