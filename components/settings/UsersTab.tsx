"use client"

import { Button, PasswordInput, Text, TextInput } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { Role } from "../../lib/auth/permissions.ts"
import type { UserView } from "../../lib/auth/users.ts"
import { api } from "../api.ts"
import { useMay, useViewer } from "../shell/viewer.tsx"
import { Choice } from "../ui/Choice.tsx"
import { DataTable } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { said, saidError } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { usePages } from "../ui/usePages.ts"
import { roleData, roleLabel, roleOf, UserRole } from "./UserRole.tsx"

export function UsersTab() {
  const queries = useQueryClient()
  const viewer = useViewer()
  const writes = useMay("users:write")
  const [adding, setAdding] = useState(false)
  const users = usePages<UserView>("/users", {})
  const turn = useMutation({
    mutationFn: (user: UserView) =>
      api<UserView>(`/users/${user.id}`, {
        method: "PATCH",
        body: { disabled: !user.disabled },
        version: user.version,
      }),
    onSuccess: (user) =>
      said(user.disabled ? `${user.email} is disabled; their sessions have ended.` : `${user.email} can sign in.`),
    onError: saidError,
    onSettled: () => queries.invalidateQueries({ queryKey: ["/users"] }),
  })
  return (
    <Panel
      flush
      title="Users"
      actions={
        writes && (
          <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
            New user
          </Button>
        )
      }
    >
      <DataTable
        label="Users"
        rows={users.rows}
        rowKey={(u) => u.id}
        error={users.error}
        retry={users.retry}
        more={users.more}
        columns={[
          {
            key: "email",
            header: "Email",
            cell: (u) => (
              <>
                {u.email}
                {u.id === viewer.id && (
                  <Text span size="xs" c="dimmed">
                    {" "}
                    you
                  </Text>
                )}
              </>
            ),
          },
          { key: "name", header: "Name", cell: (u) => u.name },
          {
            key: "role",
            header: "Role",
            cell: (u) => (writes && u.id !== viewer.id && !u.disabled ? <UserRole user={u} /> : roleLabel(u.role)),
          },
          {
            key: "state",
            header: "State",
            cell: (u) =>
              u.disabled ? (
                <StatusBadge tone="fail">disabled</StatusBadge>
              ) : (
                <StatusBadge tone="pass">active</StatusBadge>
              ),
          },
          { key: "created", header: "Since", cell: (u) => <TimeText at={u.created_at} withRelative={false} /> },
          {
            key: "act",
            header: "Actions",
            align: "right",
            cell: (u) =>
              writes &&
              u.id !== viewer.id && (
                <Button variant="default" size="compact-xs" onClick={() => turn.mutate(u)}>
                  {u.disabled ? "Enable" : "Disable"}
                </Button>
              ),
          },
        ]}
        empty={<EmptyState title="No user">There is nobody.</EmptyState>}
      />
      {adding && <NewUser onClose={() => setAdding(false)} />}
    </Panel>
  )
}

function NewUser({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient()
  const [values, setValues] = useState<{ email: string; name: string; role: Role; password: string }>({
    email: "",
    name: "",
    role: "viewer",
    password: "",
  })
  const set = (part: Partial<typeof values>) => setValues((old) => ({ ...old, ...part }))
  const save = useMutation({
    mutationFn: () => api<UserView>("/users", { method: "POST", body: values }),
    onSuccess: async (user) => {
      said(`${user.email} can sign in.`)
      await queries.invalidateQueries({ queryKey: ["/users"] })
      onClose()
    },
  })
  return (
    <FormDialog
      title="New user"
      verb="Create user"
      busy={save.isPending}
      error={save.error}
      fields={["email", "name", "role", "password"]}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        label="Email"
        type="email"
        required
        autoComplete="off"
        value={values.email}
        onChange={(e) => set({ email: e.currentTarget.value })}
        error={fieldError(save.error, "email")}
        data-autofocus
      />
      <TextInput
        label="Name"
        required
        autoComplete="off"
        value={values.name}
        onChange={(e) => set({ name: e.currentTarget.value })}
        error={fieldError(save.error, "name")}
      />
      <Choice
        label="Role"
        data={roleData}
        value={values.role}
        onChange={(r) => {
          const role = roleOf(r)
          if (role) set({ role })
        }}
      />
      <PasswordInput
        label="First password"
        description="At least 12 characters. Hand it over safely; the user changes it after signing in."
        required
        autoComplete="new-password"
        value={values.password}
        onChange={(e) => set({ password: e.currentTarget.value })}
        error={fieldError(save.error, "password")}
      />
    </FormDialog>
  )
}
