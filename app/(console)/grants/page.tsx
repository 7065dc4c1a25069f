import type { Metadata } from "next"
import { GrantsPage } from "../../../components/grants/GrantsPage.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Grants" }

export default async function GrantsRoute() {
  const actor = await requireActor()
  return may(actor, "registry:read") ? <GrantsPage /> : <Denied permission="registry:read" />
}
