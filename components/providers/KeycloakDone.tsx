"use client"

import { Alert, Group, List, Stack, Text } from "@mantine/core"
import type { KeycloakSetupWire } from "../../lib/providers/set-up.ts"
import { LinkButton } from "../ui/LinkButton.tsx"

/** What was done in the realm and what is lacking, a sentence each. */
export function KeycloakDone({ made: { provider, done, lacking } }: { made: KeycloakSetupWire }) {
  return (
    <Stack gap="sm" role="status">
      <Alert variant="outline" color="teal" title={`${provider.name} is connected`}>
        <List size="sm" spacing={4}>
          {done.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
        <Text size="sm" mt="xs">
          The secret of that client is sealed here. The administrator&apos;s credentials were not kept.
        </Text>
      </Alert>
      {lacking.map((sentence) => (
        <Alert key={sentence} variant="outline" color="yellow" title="Not done">
          {sentence}
        </Alert>
      ))}
      <Group justify="flex-end">
        <LinkButton href={`/providers/${provider.id}`}>Open {provider.name}</LinkButton>
      </Group>
    </Stack>
  )
}
