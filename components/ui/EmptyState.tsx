import { Button, Stack, Text, Title } from "@mantine/core"
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

/** The query matches nothing: says so, with a button that drops what stands in the way. */
export function NoMatch({
  what,
  clear,
  verb = "Clear filters",
}: {
  what: string
  clear?: (() => void) | undefined
  verb?: string
}) {
  return (
    <EmptyState
      title={`No ${what} match`}
      action={
        clear && (
          <Button variant="default" onClick={clear}>
            {verb}
          </Button>
        )
      }
    >
      Nothing fits every filter that is set. Drop one to see more.
    </EmptyState>
  )
}
