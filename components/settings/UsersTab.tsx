"use client"

import { Button, Group, PasswordInput, Text, TextInput } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { Role } from "../../lib/auth/permissions.ts"
import type { UserView } from "../../lib/auth/users.ts"
import { api, type Page } from "../api.ts"
import { useMay, useViewer } from "../shell/viewer.tsx"
import { Choice } from "../ui/Choice.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { DataTable } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { said, saidError } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"

const roleWords: Readonly<Record<Role, { readonly word: string; readonly one: string; readonly may: string }>> = {
  admin: { word: "Administrator", one: "an administrator", may: "everything" },
  operator: { word: "Operator", one: "an operator", may: "registry, plans, rotations" },
  viewer: { word: "Viewer", one: "a viewer", may: "reads only" },
}
const label = (role: Role): string => `${roleWords[role].word}: ${roleWords[role].may}`
const roles = Object.keys(roleWords) as readonly Role[]
const roleData = roles.map((r) => ({ value: r, label: label(r) }))

export function UsersTab() {
  const queries = useQueryClient()
  const viewer = useViewer()
  const writes = useMay("users:write")
  const [adding, setAdding] = useState(false)
  /** A role that is chosen and not given yet: the browser's list tells a choice at every arrow key. */
  const [chosen, setChosen] = useState<{ readonly id: string; readonly role: Role } | null>(null)
  const [asking, setAsking] = useState(false)
  const users = useQuery({ queryKey: ["/users"], queryFn: ({ signal }) => api<Page<UserView>>("/users", { signal }) })
  const change = useMutation({
    mutationFn: ({ user, patch }: { user: UserView; patch: { role?: Role; disabled?: boolean } }) =>
      api<UserView>(`/users/${user.id}`, { method: "PATCH", body: patch, version: user.version }),
    onSuccess: async (user) => {
      await queries.invalidateQueries({ queryKey: ["/users"] })
      setAsking(false)
      setChosen(null)
      said(user.disabled ? `${user.email} is disabled; their sessions have ended.` : `${user.email} is ${user.role}.`)
    },
    onError: (error, { patch }) => {
      if (patch.role === undefined) saidError(error)
      return queries.invalidateQueries({ queryKey: ["/users"] })
    },
  })
  const subject = users.data?.items.find((u) => u.id === chosen?.id)
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
        rows={users.data?.items}
        rowKey={(u) => u.id}
        error={users.error}
        retry={() => void users.refetch()}
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
            cell: (u) =>
              writes && u.id !== viewer.id && !u.disabled ? (
                <Group gap="xs" wrap="nowrap">
                  <Choice
                    size="xs"
                    w={280}
                    aria-label={`Role of ${u.email}`}
                    data={roleData}
                    value={chosen?.id === u.id ? chosen.role : u.role}
                    onChange={(r) => {
                      const role = roles.find((x) => x === r)
                      setChosen(role && role !== u.role ? { id: u.id, role } : null)
                    }}
                  />
                  {chosen?.id === u.id && (
                    <Button size="compact-xs" onClick={() => setAsking(true)}>
                      Change role
                    </Button>
                  )}
                </Group>
              ) : (
                label(u.role)
              ),
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
                <Button
                  variant="default"
                  size="compact-xs"
                  onClick={() => change.mutate({ user: u, patch: { disabled: !u.disabled } })}
                >
                  {u.disabled ? "Enable" : "Disable"}
                </Button>
              ),
          },
        ]}
        empty={<EmptyState title="No user">There is nobody.</EmptyState>}
      />
      {chosen && subject && (
        <ConfirmDialog
          opened={asking}
          onClose={() => {
            setAsking(false)
            change.reset()
          }}
          title={`Make ${subject.email} ${roleWords[chosen.role].one}`}
          verb={`Make ${roleWords[chosen.role].one}`}
          danger={chosen.role === "admin"}
          busy={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate({ user: subject, patch: { role: chosen.role } })}
        >
          From {roleWords[subject.role].one} to {roleWords[chosen.role].one}: {roleWords[chosen.role].may}. Their
          sessions end, and they sign in again.
        </ConfirmDialog>
      )}
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
          const role = roles.find((x) => x === r)
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
