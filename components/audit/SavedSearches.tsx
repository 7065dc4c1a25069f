"use client"

import { Button, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core"
import { IconBookmark, IconLink, IconPencil, IconTrash } from "@tabler/icons-react"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState, type ReactNode } from "react"
import type { SavedSearchView } from "../../lib/events/saved-searches.ts"
import { api, type Page } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { Menu, MenuDivider, MenuItem } from "../ui/Menu.tsx"
import { Modal } from "../ui/Modal.tsx"
import { said } from "../ui/notify.tsx"

/** What the address says now, without the row that is open: a search is no single event. */
function presentQuery(): string {
  const search = new URLSearchParams(window.location.search)
  search.delete("row")
  return search.toString()
}

type Edited = { readonly query: string; readonly search: SavedSearchView | null }

/** Searches under a name, one's own and the team's. Choosing one sets every filter and the time range of the page. */
export function SavedSearches() {
  const router = useRouter()
  const queries = useQueryClient()
  const keeps = useMay("settings:write")
  const [edited, setEdited] = useState<Edited | null>(null)
  const [doomed, setDoomed] = useState<SavedSearchView | null>(null)
  const saved = useQuery({
    queryKey: ["/saved-searches"],
    queryFn: ({ signal }) => api<Page<SavedSearchView>>("/saved-searches?limit=1000", { signal }),
  })
  const remove = useMutation({
    mutationFn: (s: SavedSearchView) => api(`/saved-searches/${s.id}`, { method: "DELETE", version: s.version }),
    onSuccess: async (_, s) => {
      said(`The search ${s.name} is gone`)
      setDoomed(null)
      await queries.invalidateQueries({ queryKey: ["/saved-searches"] })
    },
  })
  const items = saved.data?.items ?? []
  const href = (s: SavedSearchView) => (s.query === "" ? "/audit" : `/audit?${s.query}`)
  const share = (s: SavedSearchView) =>
    void navigator.clipboard
      .writeText(new URL(href(s), window.location.href).href)
      .then(() => said(`Link to ${s.name} copied`))
  return (
    <>
      <Menu
        width={330}
        button={(opener) => (
          <Button {...opener} variant="default" leftSection={<IconBookmark size={15} aria-hidden />}>
            Searches
          </Button>
        )}
      >
        <MenuItem
          icon={<IconBookmark size={15} aria-hidden />}
          onClick={() => setEdited({ query: presentQuery(), search: null })}
        >
          Save this search…
        </MenuItem>
        <MenuDivider />
        {items.length === 0 && (
          <Text size="sm" c="dimmed" px="sm" py={6}>
            {saved.isPending
              ? "Loading the saved searches…"
              : saved.error
                ? "The saved searches cannot be read now."
                : "No search is saved yet."}
          </Text>
        )}
        {items.map((s) => (
          <Group key={s.id} gap={2} wrap="nowrap" role="none">
            <MenuItem onClick={() => router.push(href(s))} style={{ minWidth: 0 }}>
              <Text span fz="inherit" style={{ overflowWrap: "anywhere" }}>
                {s.name}
              </Text>
              {s.team && (
                <Text span size="xs" c="dimmed">
                  {s.own ? " · shared" : " · team"}
                </Text>
              )}
            </MenuItem>
            <ItemAct label={`Copy link to ${s.name}`} run={() => share(s)} icon={<IconLink size={15} aria-hidden />} />
            {s.own && (
              <ItemAct
                label={`Change ${s.name}`}
                run={() => setEdited({ query: s.query, search: s })}
                icon={<IconPencil size={15} aria-hidden />}
              />
            )}
            {(s.own || keeps) && (
              <ItemAct label={`Delete ${s.name}`} run={() => setDoomed(s)} icon={<IconTrash size={15} aria-hidden />} />
            )}
          </Group>
        ))}
      </Menu>
      {edited && <SearchDialog edited={edited} close={() => setEdited(null)} />}
      <ConfirmDialog
        opened={doomed !== null}
        onClose={() => {
          setDoomed(null)
          remove.reset()
        }}
        title="Delete saved search"
        verb="Delete search"
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => {
          if (doomed) remove.mutate(doomed)
        }}
      >
        {doomed?.name} is forgotten{doomed?.team ? ", for the team too" : ""}. No event is touched.
      </ConfirmDialog>
    </>
  )
}

/** A menu item of its own, so that the arrow keys reach it. */
const ItemAct = ({ label, run, icon }: { label: string; run: () => void; icon: ReactNode }) => (
  <MenuItem label={label} icon={icon} style={{ width: "auto", padding: 7 }} onClick={run} />
)

function SearchDialog({ edited, close }: { edited: Edited; close: () => void }) {
  const queries = useQueryClient()
  const { search } = edited
  const [name, setName] = useState(search?.name ?? "")
  const [team, setTeam] = useState(search?.team ?? false)
  const [repoint, setRepoint] = useState(false)
  const save = useMutation({
    mutationFn: () =>
      search
        ? api<SavedSearchView>(`/saved-searches/${search.id}`, {
            method: "PATCH",
            version: search.version,
            body: { name, team, ...(repoint ? { query: presentQuery() } : {}) },
          })
        : api<SavedSearchView>("/saved-searches", { method: "POST", body: { name, team, query: edited.query } }),
    onSuccess: async (s) => {
      said(`The search ${s.name} is saved`)
      close()
      await queries.invalidateQueries({ queryKey: ["/saved-searches"] })
    },
  })
  return (
    <Modal opened onClose={close} title={search ? "Change saved search" : "Save this search"}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Name"
            required
            maxLength={100}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
            error={fieldError(save.error, "name")}
            data-autofocus
          />
          <Checkbox
            label="Share with the team"
            description="Everybody who may read events sees it. Only you can change it; an administrator can delete it."
            checked={team}
            onChange={(e) => setTeam(e.currentTarget.checked)}
          />
          {search && (
            <Checkbox
              label="Replace its filters by those of this page"
              checked={repoint}
              onChange={(e) => setRepoint(e.currentTarget.checked)}
            />
          )}
          <Text size="xs" c="dimmed">
            Filters, text and the time range are kept. A range such as the last hour stays relative.
          </Text>
          <FormErrors error={save.error} fields={["name"]} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" disabled={name.trim() === ""} loading={save.isPending}>
              Save search
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
