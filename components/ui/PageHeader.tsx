"use client"

import { Anchor, Box, Group, Text, Title } from "@mantine/core"
import Link from "next/link"
import type { ReactNode } from "react"

/** The top of a page: where we are, its one heading, what can be done. */
export function PageHeader({
  title,
  description,
  back,
  badge,
  actions,
}: {
  title: ReactNode
  description?: ReactNode
  back?: { href: string; label: string }
  badge?: ReactNode
  actions?: ReactNode
}) {
  return (
    <Box component="header" mb="md">
      {back && (
        <Anchor component={Link} href={back.href} size="xs" c="dimmed">
          ← {back.label}
        </Anchor>
      )}
      <Group justify="space-between" align="flex-start" gap="md" wrap="wrap">
        <Box miw={0}>
          <Group gap="sm" wrap="nowrap">
            <Title order={1} style={{ overflowWrap: "anywhere" }}>
              {title}
            </Title>
            {badge}
          </Group>
          {description && (
            <Text component="div" c="dimmed" size="sm" maw={760}>
              {description}
            </Text>
          )}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
    </Box>
  )
}
