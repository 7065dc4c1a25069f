"use client"

import type { ModalProps } from "@mantine/core"
import dynamic from "next/dynamic"

/** A dialog. Its frame comes after the page. */
export const Modal = dynamic<ModalProps>(() => import("./frames.ts").then((m) => m.Modal), { ssr: false })
