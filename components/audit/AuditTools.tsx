"use client"

import { Button, Switch } from "@mantine/core"
import { IconCode, IconDownload, IconDots, IconLink, IconSnowflake } from "@tabler/icons-react"
import { shellWord } from "../../lib/snippets/context.ts"
import { queryString } from "../api.ts"
import { Menu, MenuDivider, MenuDownload, MenuItem, MenuLabel } from "../ui/Menu.tsx"
import { said } from "../ui/notify.tsx"
import { Tip } from "../ui/Tip.tsx"
import type { Tail } from "./useTail.ts"

type Query = Readonly<Record<string, string | readonly string[]>>

/** What else can be done with exactly these rows: take them away, ask for them by script, share them. */
export function AuditTools({
  query,
  publicUrl,
  freeze,
}: {
  query: Query
  publicUrl: string
  freeze: (() => void) | null
}) {
  const copy = (text: string, what: string) =>
    void navigator.clipboard.writeText(text).then(() => said(`${what} copied`))
  const exported = (format: "ndjson" | "csv") => `/api/v1/events/export${queryString({ ...query, format })}`
  const curl = () =>
    `curl --fail-with-body --header "Authorization: Bearer $GRANTRY_TOKEN" \\\n  ${shellWord(`${publicUrl}/api/v1/events${queryString({ ...query, limit: 1000 })}`)}`
  return (
    <Menu
      width={270}
      button={(opener) => (
        <Button {...opener} variant="default" px={8} aria-label="Export and share">
          <IconDots size={16} aria-hidden />
        </Button>
      )}
    >
      <MenuLabel>Exactly what is filtered here</MenuLabel>
      <MenuDownload icon={<IconDownload size={15} aria-hidden />} href={exported("ndjson")}>
        Export as NDJSON
      </MenuDownload>
      <MenuDownload icon={<IconDownload size={15} aria-hidden />} href={exported("csv")}>
        Export as CSV
      </MenuDownload>
      <MenuItem icon={<IconCode size={15} aria-hidden />} onClick={() => copy(curl(), "API call")}>
        Copy as API call
      </MenuItem>
      <MenuDivider />
      <MenuItem icon={<IconLink size={15} aria-hidden />} onClick={() => copy(window.location.href, "Link")}>
        Copy link
      </MenuItem>
      {freeze && (
        <MenuItem icon={<IconSnowflake size={15} aria-hidden />} onClick={freeze}>
          Freeze the time range
        </MenuItem>
      )}
    </Menu>
  )
}

const stateWords: Readonly<Record<Tail["state"], string>> = {
  off: "Live",
  connecting: "Live, connecting",
  live: "Live",
  ended: "Live, ended by the server",
}

/** The tail is off until it is switched on, and follows only a range that reaches to now. */
export function LiveSwitch({
  on,
  set,
  possible,
  state,
}: {
  on: boolean
  set: (on: boolean) => void
  possible: boolean
  state: Tail["state"]
}) {
  return (
    <Tip
      label={
        possible
          ? "Show events as they arrive. Pauses while a row is open or the page is scrolled."
          : "A range that stands still has no new events. Choose a preset to follow."
      }
    >
      <Switch
        size="sm"
        checked={on && possible}
        // Not `disabled`: the keyboard must come to it, to hear why.
        aria-disabled={!possible}
        data-disabled={!possible || undefined}
        onChange={(e) => {
          if (possible) set(e.currentTarget.checked)
        }}
        label={stateWords[possible ? state : "off"]}
      />
    </Tip>
  )
}
