"use client"

import { Button, Group, Stack, Text } from "@mantine/core"
import { useMay } from "../shell/viewer.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { LinkButton } from "../ui/LinkButton.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import type { Demo } from "./Demo.tsx"

/** The empty console: one switch for a living one, or the steps by hand. */
export function FirstRun({ demo, providers, sources }: { demo: Demo; providers: number; sources: number }) {
  const switches = useMay("settings:write")
  const steps = [
    { done: true, text: "An administrator is signed in", href: null, label: "" },
    { done: providers > 0, text: "An identity provider is connected", href: "/providers", label: "Providers" },
    {
      done: false,
      text: "An audience is registered: the API that tokens are for",
      href: "/audiences/new",
      label: "New audience",
    },
    {
      done: false,
      text: "A client is registered and granted what it needs",
      href: "/clients/new",
      label: "New client",
    },
    {
      done: sources > 1,
      text: "Your own services report their calls",
      href: "/settings?tab=sources",
      label: "Event sources",
    },
  ]
  return (
    <>
      <Panel>
        <EmptyState
          title="See it alive"
          action={
            switches && (
              <Button size="sm" loading={demo.busy} onClick={demo.start}>
                Start the demo fleet
              </Button>
            )
          }
        >
          The services of a demo fleet call each other with real tokens, now and then wrongly. One click removes them
          again, with their events.
        </EmptyState>
      </Panel>
      <Panel title="Or begin with your own">
        <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: "none" }}>
          {steps.map((s) => (
            <Group key={s.text} component="li" justify="space-between">
              <Group gap="sm">
                <StatusBadge tone={s.done ? "pass" : "unknown"}>{s.done ? "done" : "to do"}</StatusBadge>
                <Text size="sm">{s.text}</Text>
              </Group>
              {!s.done && s.href && (
                <LinkButton size="compact-xs" variant="default" href={s.href}>
                  {s.label}
                </LinkButton>
              )}
            </Group>
          ))}
        </Stack>
      </Panel>
    </>
  )
}
