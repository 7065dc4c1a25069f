import { Button, Group, Stack, type ModalProps } from "@mantine/core"
import type { ReactNode } from "react"
import { FormErrors } from "./FormErrors.tsx"
import { Modal } from "./Modal.tsx"

/** A form in a dialog: its fields, what was refused, Cancel, and one verb. `Enter` in a field submits. */
export function FormDialog({
  title,
  size,
  verb,
  busy,
  disabled = false,
  error,
  fields,
  onSubmit,
  onClose,
  children,
}: {
  title: ReactNode
  size?: Exclude<ModalProps["size"], undefined>
  verb: string
  busy: boolean
  disabled?: boolean
  error: unknown
  /** Paths of problems that the fields show themselves. */
  fields: readonly string[]
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}) {
  return (
    <Modal opened onClose={onClose} title={title} {...(size === undefined ? {} : { size })}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy && !disabled) onSubmit()
        }}
      >
        <Stack gap="sm">
          {children}
          <FormErrors error={error} fields={fields} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={disabled}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
