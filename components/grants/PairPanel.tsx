"use client"

import { Anchor, Stack, Text } from "@mantine/core"
import Link from "next/link"
import type { AccessPage } from "../../lib/access/queries.ts"
import { useMay } from "../shell/viewer.tsx"
import { Drawer } from "../ui/Drawer.tsx"
import { Facts } from "../ui/Facts.tsx"
import { Marked } from "../ui/Marked.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { Absent, TimeText } from "../ui/TimeText.tsx"
import { countedBy, eventsOf, wordOf } from "./words.ts"

const n = new Intl.NumberFormat("en")

/** One client and one audience: what was granted, what was seen, and the way to both. */
export function PairPanel({
  page,
  days,
  client,
  audience,
  complete,
  close,
}: {
  page: AccessPage
  days: number
  client: string
  audience: string
  complete: boolean
  close: () => void
}) {
  const writes = useMay("registry:write")
  const row = page.items.find((r) => r.client === client)
  const pair = row?.pairs.find((p) => p.audience === audience)
  const word = pair && wordOf(pair.state, complete)
  const count = (of: keyof typeof countedBy) => {
    const value = pair?.observed?.[of] ?? 0
    return value === 0 || !row ? (
      "0"
    ) : (
      <Anchor component={Link} href={eventsOf(row, audience, page.since, countedBy[of])} fz="inherit">
        {n.format(value)}
      </Anchor>
    )
  }
  const registered = page.audiences[audience]
  return (
    <Drawer opened onClose={close} title={<Marked>{`${client} → ${audience}`}</Marked>}>
      {!row || !pair || !word ? (
        <Text size="sm">These two do not stand on this page of the list, or neither grant nor event joins them.</Text>
      ) : (
        <Stack gap="md">
          <div>
            <StatusBadge tone={word.tone}>{word.name}</StatusBadge>
            <Text size="sm" mt={6}>
              {word.says}
            </Text>
          </div>
          <Facts
            items={[
              ["Granted scopes", pair.grant ? <code key="s">{pair.grant.scopes.join(" ")}</code> : "none"],
              ["Grant ends", pair.grant?.expires_at ? <TimeText at={pair.grant.expires_at} /> : "no end"],
              [`Tokens issued, ${days} days`, count("issued")],
              ["Tokens refused", count("refused")],
              ["Calls let in", count("accepted")],
              ["Calls turned away", count("rejected")],
              [
                "Last seen",
                pair.observed ? (
                  <TimeText at={pair.observed.last_at} />
                ) : (
                  <Absent why={`no event in the last ${days} days`} />
                ),
              ],
            ]}
          />
          <Stack gap={4} align="flex-start">
            {row.client_id && (
              <Anchor component={Link} href={`/clients/${row.client_id}?tab=grants`} size="sm" py={3}>
                {writes && pair.state === "ungranted" ? "Grant it on the client's page" : "Grants of this client"}
              </Anchor>
            )}
            {registered && (
              <Anchor component={Link} href={`/audiences/${registered.id}`} size="sm" py={3}>
                The audience {registered.name}
              </Anchor>
            )}
            <Anchor component={Link} href={eventsOf(row, audience, page.since)} size="sm" py={3}>
              Every event of the two
            </Anchor>
          </Stack>
        </Stack>
      )}
    </Drawer>
  )
}
