"use client"

import { Button, Group } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { Role } from "../../lib/auth/permissions.ts"
import type { UserView } from "../../lib/auth/users.ts"
import { api } from "../api.ts"
import { Choice } from "../ui/Choice.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { said } from "../ui/notify.tsx"

const roleWords: Readonly<Record<Role, { readonly word: string; readonly one: string; readonly may: string }>> = {
  admin: { word: "Administrator", one: "an administrator", may: "everything" },
  operator: { word: "Operator", one: "an operator", may: "registry, plans, rotations" },
  viewer: { word: "Viewer", one: "a viewer", may: "reads only" },
}
export const roleLabel = (role: Role): string => `${roleWords[role].word}: ${roleWords[role].may}`
const roles = Object.keys(roleWords) as readonly Role[]
export const roleData = roles.map((r) => ({ value: r, label: roleLabel(r) }))
export const roleOf = (value: string | null): Role | undefined => roles.find((r) => r === value)

/** The role of another user, and giving them a different one: that ends their sessions, so it is asked first. */
export function UserRole({ user }: { user: UserView }) {
  const queries = useQueryClient()
  /** Chosen and not given yet: the browser's list tells a choice at every arrow key. */
  const [chosen, setChosen] = useState<Role | null>(null)
  const [asking, setAsking] = useState(false)
  const give = useMutation({
    mutationFn: (role: Role) =>
      api<UserView>(`/users/${user.id}`, { method: "PATCH", body: { role }, version: user.version }),
    onSuccess: async (now) => {
      await queries.invalidateQueries({ queryKey: ["/users"] })
      setAsking(false)
      setChosen(null)
      said(`${now.email} is ${roleWords[now.role].one}.`)
    },
    onError: () => queries.invalidateQueries({ queryKey: ["/users"] }),
  })
  return (
    <>
      <Group gap="xs" wrap="nowrap">
        <Choice
          size="xs"
          w={280}
          aria-label={`Role of ${user.email}`}
          data={roleData}
          value={chosen ?? user.role}
          onChange={(value) => {
            const role = roleOf(value)
            setChosen(role && role !== user.role ? role : null)
          }}
        />
        {chosen && (
          <Button size="compact-xs" onClick={() => setAsking(true)}>
            Change role
          </Button>
        )}
      </Group>
      {chosen && (
        <ConfirmDialog
          opened={asking}
          onClose={() => {
            setAsking(false)
            give.reset()
          }}
          title={`Make ${user.email} ${roleWords[chosen].one}`}
          verb={`Make ${roleWords[chosen].one}`}
          danger={chosen === "admin"}
          busy={give.isPending}
          error={give.error}
          onConfirm={() => give.mutate(chosen)}
        >
          From {roleWords[user.role].one} to {roleWords[chosen].one}: {roleWords[chosen].may}. Their sessions end, and
          they sign in again.
        </ConfirmDialog>
      )}
    </>
  )
}
