"use client"

import { Anchor, Loader, Stack, Text } from "@mantine/core"
import Link from "next/link"
import { CodeBlock } from "../ui/CodeBlock.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"

/** Nothing ever came: the line to send one, and a sign that turns green by itself when it does. */
export function FirstEvent({ publicUrl, arrived }: { publicUrl: string; arrived: boolean }) {
  const line = `curl --fail-with-body ${publicUrl}/api/v1/events \\
  --header "Authorization: Bearer $GRANTRY_TOKEN" \\
  --header "Content-Type: application/json" \\
  --data '{"event":"token_validated","client_id":"order-service","audience":"https://payment-service.internal","scopes":["payments:write"],"validation_result":"success","resource":"POST /api/payments/charge","duration_ms":5}'`
  return (
    <EmptyState title="No token event yet">
      <Stack gap="sm" ta="left" mt="xs">
        <Text size="sm">
          Gateways, services and providers report each token that was issued or checked. Then this page shows who called
          what, with which scopes, and what failed and why.{" "}
          <Anchor component={Link} href="/settings?tab=sources" inherit>
            Make a source
          </Anchor>{" "}
          to get a token, then send the first event:
        </Text>
        <CodeBlock code={line} label="command" />
        <div role="status">
          {arrived ? (
            <StatusBadge tone="pass">the first event is here</StatusBadge>
          ) : (
            <Text size="sm" c="dimmed">
              <Loader size={12} mr={6} aria-hidden />
              waiting for the first event
            </Text>
          )}
        </div>
      </Stack>
    </EmptyState>
  )
}
