import type { Metadata } from "next"
import { SettingsPage } from "../../../components/settings/SettingsPage.tsx"
import { Denied } from "../../../components/ui/Denied.tsx"
import { allPermissions, may, permissions } from "../../../lib/auth/permissions.ts"
import { runtime } from "../../../lib/runtime.ts"
import { secureCookies } from "../../../lib/web/nextauth.ts"
import { requireActor } from "../../../lib/web/page.ts"

export const metadata: Metadata = { title: "Settings" }

export default async function Settings() {
  const actor = await requireActor()
  if (!may(actor, "settings:read")) return <Denied permission="settings:read" />
  const { env } = runtime()
  const origin =
    env.key === null
      ? "A file in the data folder"
      : env.key.startsWith("file:")
        ? "A file named by GRANTRY_KEY"
        : env.key.startsWith("cmd:")
          ? "A command named by GRANTRY_KEY"
          : "The environment (GRANTRY_KEY)"
  return (
    <SettingsPage
      permissions={allPermissions.map((name) => ({ name, description: permissions[name] }))}
      publicUrl={env.publicUrl}
      keys={{ origin, secureCookies: secureCookies(), publicUrl: env.publicUrl }}
    />
  )
}
