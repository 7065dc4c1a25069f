"use client"

import { Button, Group, Stack, Text, Textarea } from "@mantine/core"
import { useState } from "react"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { ApiError } from "../api.ts"
import { Choice } from "../ui/Choice.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { Modal } from "../ui/Modal.tsx"
import type { useRotationAct } from "./useRotation.ts"
import { valueToCome } from "./words.ts"

interface Props {
  readonly rotation: RotationDetail
  readonly act: ReturnType<typeof useRotationAct>
  readonly onClose: () => void
}

/** The dialog of one act on a rotation, by the act's name in the API. */
export function ActDialog({ name, ...props }: Props & { readonly name: keyof typeof dialogs }) {
  const One = dialogs[name]
  return <One {...props} />
}

const Reason = ({
  value,
  set,
  error,
  required = false,
}: {
  value: string
  set: (text: string) => void
  error?: string | undefined
  required?: boolean
}) => (
  <Textarea
    mt="sm"
    label="Reason"
    required={required}
    description="Stands in the activity and in the evidence."
    autosize
    minRows={2}
    maxLength={1000}
    value={value}
    onChange={(e) => set(e.currentTarget.value)}
    error={error}
  />
)
const given = (reason: string) => (reason.trim() === "" ? {} : { reason: reason.trim() })

function ConfirmDelivery({ rotation: r, act, onClose }: Props) {
  const switches = r.strategy === "in_place" && r.waits_for === "confirmation"
  const verb = valueToCome(r) ? "The place is ready" : "Confirm delivery"
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={switches ? "Switch to the new secret" : verb}
      verb={switches ? "Switch" : verb}
      danger={switches}
      busy={act.isPending}
      error={act.error}
      {...(switches ? { typed: r.client } : {})}
      onConfirm={() => act.mutate({ act: "confirm" }, { onSuccess: onClose })}
    >
      {switches ? switchSentence(r) : saidSentence(r)}
    </ConfirmDialog>
  )
}

const switchSentence = (r: RotationDetail): string =>
  valueToCome(r)
    ? `${r.provider} ends the old secret and makes a new one, which you then reveal here. Until ${r.client} holds it, it gets no token. This cannot be undone.`
    : `You say that ${r.client} holds both secrets. ${r.provider} then accepts the new one only. This cannot be undone.`

function saidSentence(r: RotationDetail): string {
  if (r.strategy === "overlap")
    return `You say that every instance of ${r.client} can get the new secret. Both stay accepted; from now on the use of the old one is watched.`
  return valueToCome(r)
    ? `You say that the new secret of ${r.client} can be stored as soon as ${r.provider} has made it. Nothing is switched yet.`
    : `You say that every instance of ${r.client} holds the new secret beside the old one. Nothing is switched yet.`
}

/** The server asks for evidence first; without it, a named person overrides with a reason. */
function Retire({ rotation: r, act, onClose }: Props) {
  const [reason, setReason] = useState("")
  const closed = !r.gate.open || (act.error instanceof ApiError && act.error.code === "gate_closed")
  if (!closed) {
    return (
      <ConfirmDialog
        opened
        onClose={onClose}
        title={`Retire the old secret of ${r.client}`}
        verb="Retire old secret"
        busy={act.isPending}
        error={act.error}
        onConfirm={() => act.mutate({ act: "retire" }, { onSuccess: onClose })}
      >
        {r.gate.why} {r.provider} will no longer accept the old secret. This cannot be undone.
      </ConfirmDialog>
    )
  }
  const open = r.gate.conditions.filter((c) => !c.is)
  return (
    <Modal opened onClose={onClose} title="The gate is closed">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          act.mutate({ act: "retire", body: { override: { reason: reason.trim() } } }, { onSuccess: onClose })
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            The old secret's disuse is not shown. An instance that still uses it gets no token once it ends.
          </Text>
          <ul style={{ margin: 0, paddingLeft: 18, fontSize: "0.8125rem" }}>
            {open.map((c) => (
              <li key={c.name}>{c.why}</li>
            ))}
          </ul>
          <Text size="sm">
            {r.gate.opens_at
              ? "The gate opens once that is met; both secrets work meanwhile."
              : "No waiting opens this gate."}{" "}
            To end the old secret now all the same, say why.
          </Text>
          <Reason value={reason} set={setReason} required error={fieldError(act.error, "override")} />
          {act.error instanceof ApiError && act.error.code === "gate_closed" ? null : (
            <FormErrors error={act.error} fields={["override"]} />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Keep waiting
            </Button>
            <Button type="submit" color="red.9" disabled={reason.trim() === ""} loading={act.isPending}>
              Override and retire
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

const lengths = [
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "24 hours" },
  { value: "604800", label: "7 days" },
]

function Extend({ rotation: r, act, onClose }: Props) {
  const [seconds, setSeconds] = useState("86400")
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title="Extend overlap"
      verb="Extend overlap"
      danger={false}
      busy={act.isPending}
      error={act.error}
      onConfirm={() => act.mutate({ act: "extend", body: { seconds: Number(seconds) } }, { onSuccess: onClose })}
    >
      Both secrets of {r.client} stay accepted for longer.
      <Choice mt="sm" label="By" data={lengths} value={seconds} onChange={(s) => setSeconds(s ?? "86400")} />
    </ConfirmDialog>
  )
}

function Abort({ rotation: r, act, onClose }: Props) {
  const [reason, setReason] = useState("")
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title="Abort, keep old"
      verb="Abort, keep old"
      busy={act.isPending}
      error={act.error}
      onConfirm={() => act.mutate({ act: "abort", body: given(reason) }, { onSuccess: onClose })}
    >
      {r.strategy === "overlap"
        ? `The new secret of ${r.client} is removed on ${r.provider} and here.`
        : `The new secret of ${r.client} is forgotten; ${r.provider} never had it.`}{" "}
      The old one stays as it is.
      <Reason value={reason} set={setReason} error={fieldError(act.error, "reason")} />
    </ConfirmDialog>
  )
}

function EmergencyRevoke({ rotation: r, act, onClose }: Props) {
  const [reason, setReason] = useState("")
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title="Emergency revoke"
      verb="End the old secret now"
      typed={r.client}
      busy={act.isPending}
      error={act.error}
      onConfirm={() => act.mutate({ act: "emergency-revoke", body: given(reason) }, { onSuccess: onClose })}
    >
      For a leaked secret. The old secret of {r.client} ends as soon as the new one is proven, without overlap and
      without the gate. Every instance that does not hold the new secret gets no token from then on. Tokens already
      issued stay valid until they expire.
      <Reason value={reason} set={setReason} error={fieldError(act.error, "reason")} />
    </ConfirmDialog>
  )
}

const dialogs = {
  confirm: ConfirmDelivery,
  retire: Retire,
  extend: Extend,
  abort: Abort,
  "emergency-revoke": EmergencyRevoke,
} as const
