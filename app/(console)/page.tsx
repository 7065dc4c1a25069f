import { Overview } from "../../components/overview/Overview.tsx"
import { Denied } from "../../components/ui/Denied.tsx"
import { may } from "../../lib/auth/permissions.ts"
import { registryFacts } from "../../lib/registry/overview.ts"
import { requireActor } from "../../lib/web/page.ts"

export default async function OverviewPage() {
  const actor = await requireActor()
  if (!may(actor, "registry:read")) return <Denied permission="registry:read" />
  return <Overview facts={await registryFacts(actor)} />
}
