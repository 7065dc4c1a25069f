import { Stack, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"

/** What will stand here, why it matters, and one button. `order` 1 where it is the whole page. */
export function EmptyState({
  title,
  children,
  action,
  order = 2,
}: {
  title: string
  children: ReactNode
  action?: ReactNode
  order?: 1 | 2
}) {
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center">
      <Title order={order} size="h2">
        {title}
      </Title>
      <Text component="div" c="dimmed" size="sm" maw={520}>
        {children}
      </Text>
      {action}
    </Stack>
  )
}

/** The query matches nothing: says which filters stand in the way, with a button that drops them. */
export function NoMatch({ what, clear }: { what: string; clear?: ReactNode }) {
  return (
    <EmptyState title={`No ${what} match`} action={clear}>
      Nothing fits every filter that is set. Drop one to see more.
    </EmptyState>
  )
}
