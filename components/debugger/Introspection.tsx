"use client"

import { Alert, Text } from "@mantine/core"
import type { IntrospectAnswer } from "../../lib/inspect/introspect.ts"
import { explain } from "../../lib/token/explain.ts"
import { Marked } from "../ui/Marked.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { Members } from "./Members.tsx"

/** What the provider says of the token (RFC 7662). "Inactive" is not proof. */
export function Introspection({ answer }: { answer: IntrospectAnswer }) {
  return (
    <section aria-label="Introspection">
      <Alert
        color={answer.active ? "teal" : "yellow"}
        variant="outline"
        title={
          <StatusBadge tone={answer.active ? "pass" : "warn"}>{answer.active ? "active" : "inactive"}</StatusBadge>
        }
        mb="xs"
      >
        <Text size="sm">
          <Marked>{answer.why}</Marked>
        </Text>
        <Text size="xs" c="dimmed">
          Asked {answer.provider.name} as {answer.asked_as}, by introspection (RFC 7662).
          {!answer.active && " Inactive is not proof: the caller may not be in the token's audience."}
        </Text>
      </Alert>
      <Members title="Answer" members={explain(null, answer.claims)} />
    </section>
  )
}
