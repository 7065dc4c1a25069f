"use client"

import { Button, Group, Skeleton, Stack, Text } from "@mantine/core"
import dynamic from "next/dynamic"
import { useState } from "react"
import { ApiError, isNotFound } from "../api.ts"
import { useProviders } from "../registry/useProviders.ts"
import { useMay } from "../shell/viewer.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { Copy } from "../ui/Copy.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Facts } from "../ui/Facts.tsx"
import { Missing } from "../ui/Missing.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { TimeText, useNow } from "../ui/TimeText.tsx"
import { Canary } from "./Canary.tsx"
import { Changes } from "./Changes.tsx"
import { Kept } from "./Kept.tsx"
import { Outcome } from "./Outcome.tsx"
import { PlanStatus } from "./PlanStatus.tsx"
import { Projection } from "./Projection.tsx"
import { Sums } from "./Sums.tsx"
import { useMakePlan, usePlan, usePlanAct } from "./usePlan.ts"

const ApplyDialog = dynamic(() => import("./ApplyDialog.tsx").then((m) => m.ApplyDialog), { ssr: false })

export function PlanView({ id }: { id: string }) {
  const query = usePlan(id)
  const providers = useProviders()
  const act = usePlanAct(id)
  const replan = useMakePlan()
  const plans = useMay("plans:write")
  const applies = useMay("plans:apply")
  const now = useNow()
  const [dialog, setDialog] = useState<"apply" | "discard" | null>(null)
  const plan = query.data
  if (!plan && isNotFound(query.error)) return <Missing />
  if (!plan)
    return query.error ? (
      <>
        <PageHeader title="Plan" back={{ href: "/plans", label: "Plans" }} />
        <ErrorPanel error={query.error} retry={() => void query.refetch()} />
      </>
    ) : (
      <Waiting />
    )

  const waits = plan.status === "planned" || plan.status === "approved"
  const expired = waits && now > 0 && Date.parse(plan.expires_at) <= now
  const asks = plan.changes.some((c) => c.needs_confirmation)
  const apply = () => (asks ? setDialog("apply") : act.mutate({ act: "apply", body: {} }))
  const again = plans
    ? () => replan.mutate({ provider_ids: plan.provider_ids, ...(plan.purpose ? { purpose: plan.purpose } : {}) })
    : null
  const places = plan.provider_ids.map(providers.nameOf).join(", ")

  return (
    <>
      <PageHeader
        title={plan.purpose ?? `Plan for ${places}`}
        back={{ href: "/plans", label: "Plans" }}
        badge={<PlanStatus status={plan.status} />}
        description={<Sums counts={plan.counts} large />}
        actions={
          <>
            {waits && plans && (
              <Button variant="default" onClick={() => setDialog("discard")}>
                Discard
              </Button>
            )}
            {plan.status === "planned" && plans && plan.changes.length > 0 && !expired && (
              <Button
                variant="default"
                onClick={() => act.mutate({ act: "approve" })}
                loading={act.isPending && act.variables.act === "approve"}
              >
                Approve
              </Button>
            )}
            {waits && applies && plan.changes.length > 0 && !expired && (
              <Button onClick={apply} loading={act.isPending && act.variables.act === "apply"}>
                Apply
              </Button>
            )}
            {(plan.status === "partially_applied" || plan.status === "failed") && applies && (
              <Button
                onClick={() => act.mutate({ act: "resume" })}
                loading={act.isPending && act.variables.act === "resume"}
              >
                Resume
              </Button>
            )}
            {(plan.status === "applied" || expired) && again && (
              <Button variant="default" onClick={again} loading={replan.isPending}>
                Re-plan
              </Button>
            )}
          </>
        }
      />
      <Stack gap="md">
        {act.error && dialog === null && (
          <ErrorPanel
            error={act.error}
            retry={
              act.error instanceof ApiError && act.error.status === 409
                ? () => {
                    act.reset()
                    void query.refetch()
                  }
                : undefined
            }
          />
        )}
        {replan.error && <ErrorPanel error={replan.error} />}
        {query.error && (
          <ErrorPanel error={query.error} title="This page may be out of date" retry={() => void query.refetch()} />
        )}
        {expired && (
          <Panel>
            <Text size="sm">This plan is older than a day and can no longer be applied. Re-plan compares anew.</Text>
          </Panel>
        )}
        <Outcome plan={plan} onReplan={again} replanning={replan.isPending} />
        <Canary outcome={plan.outcome} nameOf={providers.nameOf} />
        <Panel>
          <Facts
            items={[
              ["Providers", places],
              [
                "Made",
                <Group key="m" gap={6}>
                  {plan.created_by}
                  <TimeText at={plan.created_at} short={false} />
                </Group>,
              ],
              ...(waits ? [["Can be applied until", <TimeText key="e" at={plan.expires_at} />] as const] : []),
              ...(plan.approved_at
                ? [
                    [
                      "Approved",
                      <Group key="a" gap={6}>
                        {plan.approved_by}
                        <TimeText at={plan.approved_at} short={false} />
                      </Group>,
                    ] as const,
                  ]
                : []),
              ...(plan.started_at
                ? [
                    [
                      "Applied",
                      <Group key="s" gap={6}>
                        {plan.applied_by}
                        <TimeText at={plan.started_at} short={false} />
                        {plan.finished_at && (
                          <>
                            to <TimeText at={plan.finished_at} short={false} withRelative={false} />
                          </>
                        )}
                      </Group>,
                    ] as const,
                  ]
                : []),
              [
                "Hash",
                <Group key="h" gap={4} wrap="nowrap">
                  <code title="SHA-256 over what will be written. The hash that is approved is the hash that is applied.">
                    {plan.hash.slice(0, 16)}…
                  </code>
                  <Copy value={plan.hash} label="hash" />
                </Group>,
              ],
            ]}
          />
        </Panel>
        {plan.changes.length === 0 ? (
          <Panel>
            <EmptyState title="No changes">
              {places} {plan.provider_ids.length === 1 ? "holds" : "hold"} what the registry wants.{" "}
              {plan.kept.length > 0 && "What was seen and left alone stands below, with its reason."}
            </EmptyState>
          </Panel>
        ) : (
          <Changes plan={plan} begun={plan.started_at !== null} nameOf={providers.nameOf} />
        )}
        <Projection reports={plan.projection} nameOf={providers.nameOf} />
        <Kept kept={plan.kept} nameOf={providers.nameOf} several={plan.provider_ids.length > 1} />
      </Stack>
      {dialog === "apply" && (
        <ApplyDialog
          plan={plan}
          nameOf={providers.nameOf}
          busy={act.isPending}
          error={act.error}
          onClose={() => {
            setDialog(null)
            act.reset()
          }}
          onApply={(body) => act.mutate({ act: "apply", body }, { onSuccess: () => setDialog(null) })}
        />
      )}
      <ConfirmDialog
        opened={dialog === "discard"}
        onClose={() => {
          setDialog(null)
          act.reset()
        }}
        title="Discard this plan"
        verb="Discard"
        busy={act.isPending}
        error={act.error}
        onConfirm={() => act.mutate({ act: "discard" }, { onSuccess: () => setDialog(null) })}
      >
        Nothing was written, and nothing will be. The plan stays in the list.
      </ConfirmDialog>
    </>
  )
}

function Waiting() {
  return (
    <Stack gap="md" aria-busy="true" aria-label="Loading the plan">
      <PageHeader title="Plan" back={{ href: "/plans", label: "Plans" }} />
      <Skeleton height={150} radius={8} />
      <Skeleton height={320} radius={8} />
    </Stack>
  )
}
