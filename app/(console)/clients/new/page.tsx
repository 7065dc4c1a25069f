import type { Metadata } from "next"
import { NewClient } from "../../../../components/clients/NewClient.tsx"
import { Denied } from "../../../../components/ui/Denied.tsx"
import { may } from "../../../../lib/auth/permissions.ts"
import { getAudience } from "../../../../lib/registry/audiences/queries.ts"
import { clientWords } from "../../../../lib/registry/clients/queries.ts"
import { orNotFound, requireActor } from "../../../../lib/web/page.ts"

export const metadata: Metadata = { title: "New client" }

export default async function NewClientPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const actor = await requireActor()
  if (!may(actor, "registry:write")) return <Denied permission="registry:write" />
  const { audience } = await searchParams
  const given = typeof audience === "string" && audience !== "" ? await orNotFound(getAudience(actor, audience)) : null
  return <NewClient owners={(await clientWords(actor)).owners} audience={given} />
}
