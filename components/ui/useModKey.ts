"use client"

import { useOs } from "@mantine/hooks"

/** The key that begins a shortcut on this machine. "Ctrl" until the browser is known. */
export function useModKey(): "⌘" | "Ctrl" {
  const os = useOs()
  return os === "macos" || os === "ios" ? "⌘" : "Ctrl"
}
