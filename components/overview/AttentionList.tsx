"use client"

import { Button, Group, Skeleton, Stack, Text } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { api } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { LinkButton } from "../ui/LinkButton.tsx"
import { saidError } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import type { Attention } from "./attention.ts"
import classes from "./AttentionList.module.css"

export function AttentionList({
  items,
  pending,
  providerIds,
}: {
  items: readonly Attention[]
  pending: boolean
  providerIds: readonly string[]
}) {
  const router = useRouter()
  const plans = useMay("plans:write")
  const plan = useMutation({
    mutationFn: () => api<{ id: string }>("/plans", { method: "POST", body: { provider_ids: providerIds } }),
    onSuccess: (p) => router.push(`/plans/${p.id}`),
    onError: saidError,
  })
  return (
    <Panel flush title={pending || items.length === 0 ? "Needs attention" : `Needs attention (${items.length})`}>
      {pending ? (
        <Stack p="sm" gap="xs">
          <Skeleton height={14} />
          <Skeleton height={14} width="80%" />
        </Stack>
      ) : items.length === 0 ? (
        <Group p="sm" gap="xs">
          <StatusBadge tone="pass">nothing is open</StatusBadge>
          <Text size="sm" c="dimmed">
            As far as the providers and sources were read.
          </Text>
        </Group>
      ) : (
        <ul className={classes.list}>
          {items.map((a) => (
            <li key={a.key} className={classes.item}>
              <span className={classes.word}>
                <StatusBadge tone={a.tone}>{a.word}</StatusBadge>
              </span>
              <Text size="sm" className={classes.text}>
                {a.text}
                {a.since && (
                  <Text span size="xs" c="dimmed">
                    {" "}
                    <TimeText at={a.since} />
                  </Text>
                )}
              </Text>
              {a.act === "plan" ? (
                plans && (
                  <Button size="compact-xs" variant="default" loading={plan.isPending} onClick={() => plan.mutate()}>
                    Make a plan
                  </Button>
                )
              ) : (
                <LinkButton size="compact-xs" variant="default" href={a.act.href}>
                  {a.act.label}
                </LinkButton>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
