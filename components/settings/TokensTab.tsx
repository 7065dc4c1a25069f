"use client"

import { Button, Checkbox, Code, Group, SimpleGrid, Text, TextInput } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { ApiTokenView } from "../../lib/auth/api-tokens.ts"
import { api } from "../api.ts"
import { useMay, useViewer } from "../shell/viewer.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { DataTable } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { usePages } from "../ui/usePages.ts"
import type { PermissionWord } from "./SettingsPage.tsx"
import { ShownOnce } from "./ShownOnce.tsx"

type MadeToken = ApiTokenView & { readonly token: string }

export function TokensTab({ permissions }: { permissions: readonly PermissionWord[] }) {
  const queries = useQueryClient()
  const writes = useMay("settings:write")
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<MadeToken | null>(null)
  const [doomed, setDoomed] = useState<ApiTokenView | null>(null)
  const tokens = usePages<ApiTokenView>("/api-tokens", {})
  const revoke = useMutation({
    mutationFn: (t: ApiTokenView) => api(`/api-tokens/${t.id}`, { method: "DELETE", version: t.version }),
    onSuccess: async (_, t) => {
      said(`The token ${t.name} is revoked. The next request with it is refused.`)
      setDoomed(null)
      await queries.invalidateQueries({ queryKey: ["/api-tokens"] })
    },
  })
  const add = writes && (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
      New token
    </Button>
  )
  return (
    <Panel flush title="API tokens" actions={add}>
      <DataTable
        label="API tokens"
        rows={tokens.rows}
        rowKey={(t) => t.id}
        error={tokens.error}
        retry={tokens.retry}
        more={tokens.more}
        columns={[
          {
            key: "name",
            header: "Name",
            cell: (t) => (
              <>
                {t.name}{" "}
                <Text span size="xs" c="dimmed">
                  ends in <code>{t.hint}</code>
                </Text>
              </>
            ),
          },
          {
            key: "permissions",
            header: "Permissions",
            cell: (t) =>
              t.permissions.length === permissions.length ? (
                "every permission"
              ) : (
                <Group gap={4}>
                  {t.permissions.slice(0, 4).map((p) => (
                    <Code key={p} fz={12}>
                      {p}
                    </Code>
                  ))}
                  {t.permissions.length > 4 && (
                    <Text span size="xs" c="dimmed">
                      and {t.permissions.length - 4} more
                    </Text>
                  )}
                </Group>
              ),
          },
          { key: "by", header: "Made by", cell: (t) => t.created_by },
          { key: "used", header: "Last used", cell: (t) => <TimeText at={t.last_used_at} absent="never used" /> },
          { key: "expires", header: "Expires", cell: (t) => <TimeText at={t.expires_at} absent="no end" /> },
          {
            key: "act",
            header: "Actions",
            align: "right",
            cell: (t) =>
              writes && (
                <Button variant="default" size="compact-xs" onClick={() => setDoomed(t)}>
                  Revoke
                </Button>
              ),
          },
        ]}
        empty={
          <EmptyState title="No API token" action={add}>
            Scripts and pipelines call Grantry with one. It carries only the permissions you choose.
          </EmptyState>
        }
      />
      {adding && (
        <NewToken
          permissions={permissions}
          onClose={() => setAdding(false)}
          onMade={(t) => {
            setAdding(false)
            setMade(t)
            void queries.invalidateQueries({ queryKey: ["/api-tokens"] })
          }}
        />
      )}
      {made && <ShownOnce title={`Token ${made.name}`} value={made.token} onClose={() => setMade(null)} />}
      <ConfirmDialog
        opened={doomed !== null}
        onClose={() => {
          setDoomed(null)
          revoke.reset()
        }}
        title="Revoke token"
        verb="Revoke token"
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => {
          if (doomed) revoke.mutate(doomed)
        }}
      >
        Whatever uses <code>{doomed?.name}</code> is refused from its next request on. This cannot be undone.
      </ConfirmDialog>
    </Panel>
  )
}

function NewToken({
  permissions,
  onClose,
  onMade,
}: {
  permissions: readonly PermissionWord[]
  onClose: () => void
  onMade: (token: MadeToken) => void
}) {
  const viewer = useViewer()
  const [name, setName] = useState("")
  const [until, setUntil] = useState("")
  const [chosen, setChosen] = useState<string[]>([])
  const save = useMutation({
    gcTime: 0,
    mutationFn: () =>
      api<MadeToken>("/api-tokens", {
        method: "POST",
        body: { name, permissions: chosen, expires_at: until === "" ? null : new Date(until).toISOString() },
      }),
    onSuccess: onMade,
  })
  const own = permissions.filter((p) => viewer.permissions.includes(p.name))
  return (
    <FormDialog
      title="New API token"
      size="xl"
      verb="Make token"
      busy={save.isPending}
      disabled={chosen.length === 0}
      error={save.error}
      fields={["name", "expires_at", "permissions"]}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="What will use it, and where."
        required
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={fieldError(save.error, "name")}
        data-autofocus
      />
      <TextInput
        label="Expires"
        description="Empty: no end. In your own zone."
        type="datetime-local"
        maw={260}
        value={until}
        onChange={(e) => setUntil(e.currentTarget.value)}
        error={fieldError(save.error, "expires_at")}
      />
      <Checkbox.Group
        label="Permissions"
        description="Only those that you have yourself."
        value={chosen}
        onChange={setChosen}
        error={fieldError(save.error, "permissions")}
      >
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={6} mt={6}>
          {own.map((p) => (
            <Checkbox key={p.name} size="xs" value={p.name} label={<code>{p.name}</code>} description={p.description} />
          ))}
        </SimpleGrid>
      </Checkbox.Group>
    </FormDialog>
  )
}
