"use client"

import { ActionIcon, Button } from "@mantine/core"
import { useClipboard } from "@mantine/hooks"
import { IconCheck, IconCopy } from "@tabler/icons-react"
import { Tip } from "./Tip.tsx"

/** Copies `value`; `label` names what is copied. A button with words when `text` is set, else an icon. */
export function Copy({ value, label, text = false }: { value: string; label: string; text?: boolean }) {
  const clipboard = useClipboard({ timeout: 1_500 })
  const icon = clipboard.copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />
  const says = clipboard.copied ? "Copied" : `Copy ${label}`
  if (text)
    return (
      <Button variant="default" leftSection={icon} onClick={() => clipboard.copy(value)}>
        {says}
      </Button>
    )
  return (
    <Tip label={says}>
      <ActionIcon variant="subtle" color="gray" size={24} aria-label={says} onClick={() => clipboard.copy(value)}>
        {icon}
      </ActionIcon>
    </Tip>
  )
}
