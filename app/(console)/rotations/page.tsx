import type { Metadata } from "next"
import { RotationList } from "../../../components/rotations/RotationList.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { may } from "../../../lib/auth/permissions.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Rotations" }

export default async function RotationsPage() {
  const actor = await requireActor()
  return may(actor, "rotations:read") ? <RotationList /> : <Denied permission="rotations:read" />
}
