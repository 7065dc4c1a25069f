"use client"

import type { ModalProps } from "@mantine/core"
import dynamic from "next/dynamic"
import { useFocusBack } from "./useFocusBack.ts"

const Frame = dynamic<ModalProps>(() => import("./frames.ts").then((m) => m.Modal), { ssr: false })

/** A dialog: closing gives the focus back to what opened it. Its frame comes after the page. */
export function Modal(props: ModalProps) {
  useFocusBack(props.opened)
  return <Frame {...props} />
}
