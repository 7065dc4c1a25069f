import { Stack, Text } from "@mantine/core"
import { Facts } from "../ui/Facts.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"

export interface KeyFacts {
  /** Where the key-encryption key comes from; never the key. */
  readonly origin: string
  readonly secureCookies: boolean
  readonly publicUrl: string
}

export function KeysTab({ keys }: { keys: KeyFacts }) {
  return (
    <Panel title="Keys">
      <Stack gap="md">
        <Facts
          items={[
            [
              "Key-encryption key",
              <span key="k">
                {keys.origin} <StatusBadge tone="pass">loaded</StatusBadge>
              </span>,
            ],
            ["Seals", "Client secrets and provider credentials, each with a data key of its own, bound to its row"],
            ["Also derives", "Fingerprints of secrets, look-ups of API tokens and of one-time links"],
            ["Public address", <code key="p">{keys.publicUrl}</code>],
            [
              "Session cookie",
              keys.secureCookies
                ? "Secure, __Host- prefix"
                : "Plain http: for this machine only. Set GRANTRY_PUBLIC_URL to an https address before others use it",
            ],
          ]}
        />
        <Text size="sm" c="dimmed">
          Without this key no sealed secret can be opened again, and nothing starts with another one. Keep a copy where
          the database backup is not: whoever has both has every secret.
        </Text>
      </Stack>
    </Panel>
  )
}
