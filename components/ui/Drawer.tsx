"use client"

import type { DrawerProps } from "@mantine/core"
import dynamic from "next/dynamic"
import type { ReactNode } from "react"
import { useFocusBack } from "./useFocusBack.ts"

const Frame = dynamic<DrawerProps>(() => import("./frames.ts").then((m) => m.Drawer), { ssr: false })

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
  useFocusBack(opened)
  return (
    <Frame opened={opened} onClose={onClose} title={title}>
      {children}
    </Frame>
  )
}
