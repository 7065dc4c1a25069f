"use client"

import { Alert, Anchor, Button, Grid, Group, Skeleton, Stack, Text, VisuallyHidden } from "@mantine/core"
import dynamic from "next/dynamic"
import Link from "next/link"
import { useState } from "react"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { isNotFound } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Facts } from "../ui/Facts.tsx"
import { Missing } from "../ui/Missing.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { usePolite } from "../ui/usePolite.ts"
import { Journal } from "./Journal.tsx"
import { Secrets } from "./Secrets.tsx"
import { StateBadge } from "./StateBadge.tsx"
import { Stepper } from "./Stepper.tsx"
import { useRotation, useRotationAct } from "./useRotation.ts"
import { stateWords, waitWords } from "./words.ts"

const ActDialog = dynamic(() => import("./Dialogs.tsx").then((m) => m.ActDialog), { ssr: false })
const Reveal = dynamic(() => import("../clients/Reveal.tsx").then((m) => m.Reveal), { ssr: false })

const back = { href: "/rotations", label: "Rotations" }
type Dialog = "confirm" | "retire" | "extend" | "abort" | "emergency-revoke" | "reveal"

export function RotationPage({ id }: { id: string }) {
  const query = useRotation(id)
  const r = query.data
  if (!r) {
    if (isNotFound(query.error)) return <Missing />
    return query.error ? (
      <>
        <PageHeader title="Rotation" back={back} />
        <ErrorPanel error={query.error} retry={() => void query.refetch()} />
      </>
    ) : (
      <Stack aria-busy="true" aria-label="Loading the rotation">
        <PageHeader title="Rotation" back={back} />
        <Skeleton height={520} radius={8} />
      </Stack>
    )
  }
  return <Shown rotation={r} error={query.error} refetch={() => void query.refetch()} />
}

function Shown({ rotation: r, error, refetch }: { rotation: RotationDetail; error: unknown; refetch: () => void }) {
  const act = useRotationAct(r.id)
  const writes = useMay("rotations:write")
  const reveals = useMay("secrets:reveal")
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const can = (name: RotationDetail["actions"][number]) => writes && r.actions.includes(name)
  const fresh = r.secrets.find((s) => s.role === "new")
  /** A refusal of the last act is not one of the next. */
  const ask = (name: Dialog | null) => {
    act.reset()
    setDialog(name)
  }
  const reveal = reveals && fresh?.revealable ? () => ask("reveal") : null
  const close = () => ask(null)
  // What was to be asked has happened by itself meanwhile, or somebody was faster: the page says so, the dialog goes.
  if (dialog !== null && dialog !== "reveal" && !act.isPending && !r.actions.includes(dialog)) setDialog(null)
  const shared = { rotation: r, act, onClose: close }
  const spoken = usePolite(`${r.client} on ${r.provider}: ${stateWords(r)[1]}. ${r.gate.open ? "Gate open." : ""}`)
  return (
    <>
      <VisuallyHidden role="status">{spoken}</VisuallyHidden>
      <PageHeader
        title={
          <>
            Rotation of {r.client} on {r.provider}
          </>
        }
        back={back}
        badge={<StateBadge rotation={r} />}
        description={r.waits_for && waitWords(r, r.waits_for)}
        actions={
          <>
            {can("extend") && (
              <Button variant="default" onClick={() => ask("extend")}>
                Extend overlap
              </Button>
            )}
            {can("abort") && (
              <Button variant="default" onClick={() => ask("abort")}>
                Abort, keep old
              </Button>
            )}
            {can("emergency-revoke") && !r.emergency && (
              <Button variant="default" c="var(--fail)" onClick={() => ask("emergency-revoke")}>
                Emergency revoke
              </Button>
            )}
            {can("resume") && (
              <Button loading={act.isPending} onClick={() => act.mutate({ act: "resume" })}>
                Resume
              </Button>
            )}
          </>
        }
      />
      <Stack gap="md">
        {error ? <ErrorPanel error={error} title="This page may be out of date" retry={refetch} /> : null}
        {act.error && dialog === null && <ErrorPanel error={act.error} />}
        {r.state === "stuck" && (
          <Alert color="red" variant="outline" title="Stuck: a person must look" role="alert">
            <Text size="sm">{r.stuck_why}</Text>
            <Text size="sm">
              {accepts(r)} When the cause is gone, Resume goes on where it stood.
              {r.actions.includes("abort") && " Abort gives the new secret up and keeps the old one."}
            </Text>
          </Alert>
        )}
        {r.client_without_secret && (
          <Alert color="yellow" variant="outline" title={`${r.client} does not hold the new secret yet`} role="alert">
            <Text size="sm">
              {r.provider} accepts the new secret only. Until {r.client} holds it, it gets no token.
            </Text>
            {reveal && (
              <Button mt="xs" onClick={reveal}>
                Reveal new secret
              </Button>
            )}
          </Alert>
        )}
        {r.emergency && r.finished_at === null && (
          <Alert color="red" variant="outline" title="Emergency">
            The old secret ends as soon as the new one is proven, without overlap.
          </Alert>
        )}
        {r.state === "aborted" && (
          <Alert color="gray" variant="outline" title="Aborted">
            {r.ended_why ?? `The new secret is gone. ${r.client} goes on with the old one.`}
          </Alert>
        )}
        <Grid gap="md">
          <Grid.Col span={{ base: 12, md: 8 }}>
            <Panel title="Steps">
              <Stepper
                rotation={r}
                acts={{
                  reveal: can("confirm") ? reveal : null,
                  confirm: can("confirm") ? () => ask("confirm") : null,
                  retire: can("retire") ? () => ask("retire") : null,
                }}
              />
            </Panel>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}>
            <Panel title="This rotation">
              <Facts
                items={[
                  [
                    "Client",
                    <Anchor key="c" component={Link} href={`/clients/${r.client_id}?tab=secrets`} fz="inherit">
                      {r.client}
                    </Anchor>,
                  ],
                  [
                    "Provider",
                    <Anchor key="p" component={Link} href={`/providers/${r.provider_id}`} fz="inherit">
                      {r.provider}
                    </Anchor>,
                  ],
                  ["Strategy", r.strategy === "overlap" ? "overlap" : "in place"],
                  ...(r.strategy === "overlap" ? [["Evidence grade", r.evidence_grade] as const] : []),
                  [
                    "Started",
                    <Group key="s" gap={4}>
                      {r.created_by}
                      <TimeText at={r.created_at} />
                    </Group>,
                  ],
                  ...(r.strategy === "overlap"
                    ? ([
                        ["Overlap since", <TimeText key="g" at={r.grace_started_at} absent="not begun" />],
                        ["Overlap ends", <TimeText key="u" at={r.grace_until} absent="not begun" />],
                      ] as const)
                    : []),
                  ...(r.finished_at ? [["Finished", <TimeText key="f" at={r.finished_at} />] as const] : []),
                ]}
              />
            </Panel>
          </Grid.Col>
        </Grid>
        <Secrets rotation={r} />
        <Journal rotation={r} />
      </Stack>
      {dialog !== null && dialog !== "reveal" && <ActDialog name={dialog} {...shared} />}
      {dialog === "reveal" && fresh && (
        <Reveal
          client={{ id: r.client_id, name: r.client }}
          secret={fresh}
          onClose={() => {
            close()
            refetch()
          }}
        />
      )}
    </>
  )
}

/** Which secrets the provider accepts, as far as we know it. */
function accepts(r: RotationDetail): string {
  const live = r.secrets.filter((s) => s.state === "live" || s.state === "retiring")
  const made = r.steps.some((line) => (line.step === "issue" || line.step === "switch") && line.phase === "result")
  const unproven = made ? r.secrets.find((s) => s.role === "new" && s.state === "pending") : undefined
  const known =
    live.length === 0
      ? `We do not know which secrets ${r.provider} accepts.`
      : `${r.provider} accepts, as far as we know: ${live.map((s) => `${s.role} ${s.fingerprint}`).join(", ")}.`
  return unproven ? `${known} The new one, ${unproven.fingerprint}, has not fetched a token yet.` : known
}
