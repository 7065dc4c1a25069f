import { Alert, Text } from "@mantine/core"
import { IconShieldCheck, IconShieldX } from "@tabler/icons-react"

export type Verdict = (
  { readonly ok: true; readonly entries: number } | { readonly ok: false; readonly seq: string; readonly why: string }
) & { readonly head: { readonly seq: string; readonly hash: string } }

/** What walking the whole chain has shown. */
export function VerdictPanel({ verdict }: { verdict: Verdict }) {
  const head = (
    <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
      Head: entry {verdict.head.seq}, <code>{verdict.head.hash}</code>
    </Text>
  )
  if (verdict.ok)
    return (
      <Alert
        mb="md"
        color="teal"
        variant="outline"
        icon={<IconShieldCheck aria-hidden />}
        title={`The chain holds: ${new Intl.NumberFormat("en").format(verdict.entries)} entries verified`}
      >
        {head}
      </Alert>
    )
  return (
    <Alert
      mb="md"
      color="red"
      variant="outline"
      icon={<IconShieldX aria-hidden />}
      title={`The chain is broken at entry ${verdict.seq}`}
      role="alert"
    >
      <Text size="sm">
        {verdict.why} Treat this as an incident: compare with a backup before you trust anything after it.
      </Text>
      {head}
    </Alert>
  )
}
