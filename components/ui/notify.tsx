"use client"

import { notifications } from "@mantine/notifications"
import { IconCheck, IconX } from "@tabler/icons-react"
import { ApiError } from "../api.ts"

/** Says what was done, in the past tense and by name: "order-service is disabled". */
export const said = (message: string): void => {
  notifications.show({
    message,
    color: "teal.9",
    icon: <IconCheck size={16} aria-hidden />,
    autoClose: 5_000,
    closeButtonProps: { "aria-label": "Close" },
  })
}

/** A refusal outside a form: its sentence, code and request id. */
export const saidError = (error: unknown): void => {
  const known = error instanceof ApiError ? error : null
  notifications.show({
    title: error instanceof Error ? error.message : "This did not work.",
    message: known ? [known.code, known.requestId && `request ${known.requestId}`].filter(Boolean).join(" · ") : "",
    color: "red.9",
    icon: <IconX size={16} aria-hidden />,
    autoClose: 12_000,
    closeButtonProps: { "aria-label": "Close" },
  })
}
