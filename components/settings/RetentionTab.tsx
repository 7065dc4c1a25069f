"use client"

import { Button, Group, Progress, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { retentionDaysBounds } from "../../lib/events/limits.ts"
import type { RetentionView } from "../../lib/events/retention.ts"
import { api } from "../api.ts"
import { Stale } from "../registry/Stale.tsx"
import { useMay } from "../shell/viewer.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Facts } from "../ui/Facts.tsx"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Table } from "../ui/Table.tsx"
import { WholeNumber } from "../ui/WholeNumber.tsx"

/** The API's: a view runs nothing of its room, so the compiler holds the two equal. */
const bounds: typeof retentionDaysBounds = { min: 1, max: 365 }
const units = ["B", "kB", "MB", "GB", "TB"] as const
const number = new Intl.NumberFormat("en")

/** Decimal units, three figures: `12.3 MB`. */
function bytes(n: number): string {
  const at = Math.min(units.length - 1, n < 1 ? 0 : Math.floor(Math.log10(n) / 3))
  return `${(n / 1_000 ** at).toPrecision(3).replace(/\.?0+$/, "")} ${units[at]}`
}

export function RetentionTab() {
  const queries = useQueryClient()
  const writes = useMay("settings:write")
  const [days, setDays] = useState<number | string | null>(null)
  const retention = useQuery({
    queryKey: ["/retention"],
    queryFn: ({ signal }) => api<RetentionView>("/retention", { signal }),
  })
  const save = useMutation({
    mutationFn: () =>
      api<RetentionView>("/retention", {
        method: "PATCH",
        version: retention.data?.version ?? 0,
        body: { retention_days: Number(days) },
      }),
    onSuccess: async (r) => {
      said(`Events are kept for ${r.retention_days} days.`)
      setDays(null)
      await queries.invalidateQueries({ queryKey: ["/retention"] })
    },
  })
  if (retention.error) return <ErrorPanel error={retention.error} retry={() => void retention.refetch()} />
  const data = retention.data
  if (!data) return <Skeleton height={240} />
  const used = data.disk.days.filter((d) => d.rows > 0)
  const most = Math.max(1, ...used.map((d) => d.bytes))
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Panel title="Retention">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate()
          }}
        >
          <Stack gap="sm">
            <WholeNumber
              label="Keep token events for, in days"
              description={`${bounds.min} to ${bounds.max}. Older days are dropped whole; the admin audit trail is kept for good.`}
              {...bounds}
              required
              withAsterisk={false}
              readOnly={!writes}
              value={days ?? data.retention_days}
              onChange={setDays}
              error={fieldError(save.error, "retention_days")}
              maw={320}
            />
            {days !== null && days !== "" && Number(days) < data.retention_days && (
              <Text size="sm" c="var(--warn)">
                Events older than {days} days are removed within the hour. This cannot be undone.
              </Text>
            )}
            <FormErrors error={save.error} fields={["retention_days"]} />
            <Stale
              error={save.error}
              reload={() => {
                setDays(null)
                save.reset()
                void retention.refetch()
              }}
            />
            {writes && (
              <Group>
                <Button
                  type="submit"
                  loading={save.isPending}
                  disabled={days === null || Number(days) === data.retention_days}
                >
                  Save
                </Button>
              </Group>
            )}
          </Stack>
        </form>
      </Panel>
      <Panel title="Disk">
        <Stack gap="md">
          <Facts
            items={[
              ["Token events", bytes(data.disk.events)],
              ["Rollups and dictionaries", bytes(data.disk.rollups)],
            ]}
          />
          {used.length > 0 && (
            <Table aria-label="Disk use by day" size="xs">
              <thead>
                <tr>
                  <th scope="col">Day (UTC)</th>
                  <th scope="col" data-align="right">
                    Events, estimated
                  </th>
                  <th scope="col" data-align="right">
                    Size
                  </th>
                  <th style={{ width: "30%" }} scope="col">
                    Share
                  </th>
                </tr>
              </thead>
              <tbody>
                {used
                  .slice(-14)
                  .reverse()
                  .map((d) => (
                    <tr key={d.day}>
                      <td className="num">{d.day}</td>
                      <td data-align="right" className="num">
                        {number.format(d.rows)}
                      </td>
                      <td data-align="right" className="num">
                        {bytes(d.bytes)}
                      </td>
                      <td>
                        <Progress value={(d.bytes / most) * 100} size="sm" aria-label={`${d.day}: ${bytes(d.bytes)}`} />
                      </td>
                    </tr>
                  ))}
              </tbody>
            </Table>
          )}
        </Stack>
      </Panel>
    </SimpleGrid>
  )
}
