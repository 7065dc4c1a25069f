"use client"

import { Button, Group, Stack, Text, TextInput } from "@mantine/core"
import { useState, type ReactNode } from "react"
import { FormErrors } from "./FormErrors.tsx"
import { Modal } from "./Modal.tsx"

interface Props {
  readonly opened: boolean
  readonly onClose: () => void
  readonly title: string
  readonly children: ReactNode
  /** The word on the button: the act itself, never "OK". */
  readonly verb: string
  /** Must be typed before the button works. */
  readonly typed?: string
  /** False while something in `children` is still to be answered. */
  readonly answered?: boolean
  readonly danger?: boolean
  readonly busy?: boolean
  readonly error?: unknown
  readonly onConfirm: () => void
}

/** Asks before what cannot be undone. */
export function ConfirmDialog({
  opened,
  onClose,
  title,
  children,
  verb,
  typed,
  answered = true,
  danger = true,
  busy = false,
  error,
  onConfirm,
}: Props) {
  const [text, setText] = useState("")
  const ready = answered && (typed === undefined || text === typed)
  const close = () => {
    setText("")
    onClose()
  }
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) onConfirm()
        }}
      >
        <Stack gap="sm">
          <Text component="div" size="sm">
            {children}
          </Text>
          {typed !== undefined && (
            <TextInput
              label={
                <>
                  Type <code>{typed}</code> to confirm
                </>
              }
              value={text}
              onChange={(e) => setText(e.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          <FormErrors error={error} fields={[]} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" color={danger ? "red.9" : "petrol"} disabled={!ready} loading={busy}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
