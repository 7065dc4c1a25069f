"use client"

import { Drawer as MantineDrawer } from "@mantine/core"
import type { ReactNode } from "react"

/** A panel from the right: `Esc` closes it and gives the focus back. */
export function Drawer({
  opened,
  onClose,
  title,
  children,
}: {
  opened: boolean
  onClose: () => void
  title: ReactNode
  children: ReactNode
}) {
  return (
    <MantineDrawer opened={opened} onClose={onClose} title={title}>
      {children}
    </MantineDrawer>
  )
}
