"use client"

import { Alert, Button, Checkbox, Group, Skeleton, Text } from "@mantine/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { Remains } from "../../lib/providers/disconnect.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { api } from "../api.ts"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { said } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import classes from "./providers.module.css"

const listedMax = 30

/** Forgets a provider. What stays there, objects and secrets that go on working, is said before, and must be meant. */
export function Disconnect({ provider, version }: { provider: ProviderWire; version: number | null }) {
  const [asks, setAsks] = useState(false)
  return (
    <Panel title="Disconnect">
      <Group justify="space-between">
        <Text size="sm" maw={520}>
          Grantry forgets {provider.name} and its credentials. Nothing is changed there.
        </Text>
        <Button variant="default" onClick={() => setAsks(true)}>
          Disconnect
        </Button>
      </Group>
      {asks && <Dialog provider={provider} version={version} onClose={() => setAsks(false)} />}
    </Panel>
  )
}

function Dialog({
  provider,
  version,
  onClose,
}: {
  provider: ProviderWire
  version: number | null
  onClose: () => void
}) {
  const router = useRouter()
  const queries = useQueryClient()
  const [meant, setMeant] = useState(false)
  const remains = useQuery({
    queryKey: ["/providers", provider.id, "remains"],
    staleTime: 0,
    queryFn: ({ signal }) => api<Remains>(`/providers/${provider.id}/remains`, { signal }),
  })
  const left = remains.data
  const empty = left !== undefined && isEmpty(left)
  const remove = useMutation({
    mutationFn: () => api(`/providers/${provider.id}${empty ? "" : "?leave_behind=1"}`, { method: "DELETE", version }),
    onSuccess: () => {
      said(`${provider.name} is disconnected. What stands on it stays there.`)
      void queries.invalidateQueries({ queryKey: ["/providers"] })
      router.push("/providers")
    },
  })
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Disconnect ${provider.name}`}
      verb="Disconnect"
      typed={provider.name}
      answered={empty || (left !== undefined && meant)}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      {remains.error ? (
        <ErrorPanel error={remains.error} retry={() => void remains.refetch()} />
      ) : !left ? (
        <Skeleton height={80} aria-label="Loading what would stay behind" />
      ) : (
        <>
          <p>The sealed credentials are deleted here. {left.sentence}</p>
          {left.in_flight.plans + left.in_flight.rotations > 0 && (
            <Alert color="yellow" variant="outline" title="Something is at work there">
              {left.in_flight.plans} plans and {left.in_flight.rotations} rotations run. Until they end, nothing is
              disconnected.
            </Alert>
          )}
          {!empty && (
            <>
              <Left remains={left} />
              <Checkbox
                label={`That is meant: leave it on ${provider.name}, unmanaged`}
                checked={meant}
                onChange={(e) => setMeant(e.currentTarget.checked)}
              />
            </>
          )}
        </>
      )}
    </ConfirmDialog>
  )
}

const isEmpty = ({ counts, live_secrets: secrets, wanted }: Remains): boolean =>
  counts.audience + counts.client + counts.grant + secrets.length + wanted.clients + wanted.audiences === 0

function Left({ remains: { objects, live_secrets: secrets, counts } }: { remains: Remains }) {
  const all = counts.audience + counts.client + counts.grant
  const more = all - Math.min(objects.length, listedMax)
  return (
    <ul className={classes.left} tabIndex={0} aria-label="What stays behind">
      {objects.slice(0, listedMax).map((o) => (
        <li key={`${o.kind} ${o.key}`}>
          {o.kind} {o.key.replace(" ", " on ")}
        </li>
      ))}
      {more > 0 && <li>and {more} more objects</li>}
      {secrets.slice(0, listedMax).map((s) => (
        <li key={`${s.client} ${s.fingerprint}`}>
          {s.state} secret of {s.client}, <code>{s.fingerprint}</code>
        </li>
      ))}
      {secrets.length > listedMax && <li>and {secrets.length - listedMax} more secrets</li>}
    </ul>
  )
}
