"use client"

import { ActionIcon, Group, Text } from "@mantine/core"
import { IconChartLine, IconTable } from "@tabler/icons-react"
import { useState, type ReactNode } from "react"
import { Tip } from "../ui/Tip.tsx"
import classes from "./ChartPanel.module.css"

/** A question, its answer in one sentence, the picture of it, and the same as a table. */
export function ChartPanel({
  question,
  answer,
  chart,
  table,
  wide = false,
}: {
  question: string
  answer: ReactNode
  chart?: ReactNode
  table: ReactNode
  wide?: boolean
}) {
  const [asTable, setAsTable] = useState(false)
  return (
    <section className={classes.panel} data-wide={wide || undefined} aria-label={question}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
        <div>
          <Text component="h2" fz="sm" fw={600}>
            {question}
          </Text>
          <Text component="p" size="xs" c="dimmed" m={0} mt={2}>
            {answer}
          </Text>
        </div>
        {chart && (
          <Tip label={asTable ? "Show as a chart" : "Show as a table"}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`${asTable ? "Show as a chart" : "Show as a table"}: ${question}`}
              onClick={() => setAsTable(!asTable)}
            >
              {asTable ? <IconChartLine size={16} aria-hidden /> : <IconTable size={16} aria-hidden />}
            </ActionIcon>
          </Tip>
        )}
      </Group>
      <div className={classes.body}>{asTable || !chart ? table : chart}</div>
    </section>
  )
}
