import type { ProviderWire } from "../../lib/providers/schema.ts"

/** What a change of settings leaves behind, as far as the form tells it. */
export function whatStays(provider: ProviderWire, settings: Readonly<Record<string, string>>): string {
  const moved = Object.entries(settings).some(
    ([name, value]) => !provider.sealed.includes(name) && String(provider.settings[name] ?? "") !== value,
  )
  const fresh = Object.keys(settings).some((name) => provider.sealed.includes(name))
  if (moved)
    return `What Grantry placed with the old settings stays where it is. If these name another server, realm or tenant, the next read finds nothing of it there, and the old objects and their secrets go on working at the old place until somebody ends them.`
  if (fresh)
    return `The new credentials are sealed in place of the old ones. The old ones stay valid at ${provider.name} until you end them there.`
  return `Name and environment are Grantry's own: nothing changes at ${provider.name}.`
}
