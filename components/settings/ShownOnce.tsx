"use client"

import { Alert, Button, Checkbox, Group, Stack, Text } from "@mantine/core"
import { useState, type ReactNode } from "react"
import { CodeBlock } from "../ui/CodeBlock.tsx"
import { Modal } from "../ui/Modal.tsx"

/** A token's value, once: closes only after "I stored it". The value lives in the caller's state and nowhere else. */
export function ShownOnce({
  title,
  value,
  children,
  onClose,
}: {
  title: string
  value: string
  children?: ReactNode
  onClose: () => void
}) {
  const [stored, setStored] = useState(false)
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack gap="sm">
        <Alert color="yellow" variant="outline" title="Shown once">
          Only a keyed digest of it is kept. If it is lost, revoke it and make another one.
        </Alert>
        <CodeBlock code={value} label="token" />
        {children}
        <Text size="xs" c="dimmed">
          A copied value stays in the clipboard of this machine until something else is copied.
        </Text>
        <Checkbox label="I stored it" checked={stored} onChange={(e) => setStored(e.currentTarget.checked)} />
        <Group justify="flex-end">
          <Button disabled={!stored} onClick={onClose}>
            Done
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
