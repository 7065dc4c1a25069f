import type { ProviderWire } from "../../lib/providers/schema.ts"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"

const tones: Readonly<Record<string, Tone>> = {
  healthy: "pass",
  degraded: "warn",
  unreachable: "fail",
  unknown: "unknown",
}

export function ProviderStatus({ provider }: { provider: Pick<ProviderWire, "status" | "status_why"> }) {
  return (
    <StatusBadge tone={tones[provider.status] ?? "unknown"} title={provider.status_why ?? undefined}>
      {provider.status === "unknown" ? "not checked yet" : provider.status}
    </StatusBadge>
  )
}
