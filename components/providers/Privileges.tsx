import { Group, Text } from "@mantine/core"
import type { Privilege } from "../../lib/connectors/kind.ts"
import { Copy } from "../ui/Copy.tsx"
import { Panel } from "../ui/Panel.tsx"
import classes from "./providers.module.css"
import { neededWords } from "./words.ts"

/** The rights that Grantry's own credentials need there, by the provider's words, ready for copying. */
export function Privileges({ privileges, title }: { privileges: readonly Privilege[]; title: string }) {
  if (privileges.length === 0) return null
  const least = privileges.filter((p) => p.needed !== "optional").map((p) => p.name)
  return (
    <Panel
      flush
      title="Least privileges"
      actions={
        <Group gap={4}>
          <Text size="xs" c="dimmed">
            Copy all that is not optional
          </Text>
          <Copy value={least.join("\n")} label="least privileges" />
        </Group>
      }
    >
      <ul className={classes.items} aria-label={`Privileges at ${title}`}>
        {privileges.map((p) => (
          <li key={p.name} className={classes.item}>
            <Group gap={6} wrap="nowrap" align="baseline" justify="space-between">
              <div className={classes.grow}>
                <code>{p.name}</code>
                <Copy value={p.name} label={p.name} />
              </div>
              <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                {neededWords[p.needed]}
              </Text>
            </Group>
            <Text size="xs">{p.gives}</Text>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
