"use client"

import { createContext, useContext, type ReactNode } from "react"
import type { Permission } from "../../lib/auth/permissions.ts"

export interface Viewer {
  readonly id: string
  readonly name: string
  readonly permissions: readonly Permission[]
}

const ViewerContext = createContext<Viewer>({ id: "", name: "", permissions: [] })

export const ViewerProvider = ({ viewer, children }: { viewer: Viewer; children: ReactNode }) => (
  <ViewerContext value={viewer}>{children}</ViewerContext>
)
export const useViewer = (): Viewer => useContext(ViewerContext)
/** Whether to offer an act. The command asks again: this only spares people a refusal. */
export const useMay = (permission: Permission): boolean => useContext(ViewerContext).permissions.includes(permission)
