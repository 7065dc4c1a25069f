"use client"

import { Button, Text } from "@mantine/core"
import { IconDownload } from "@tabler/icons-react"
import { isObject, type Json } from "../../lib/base/json.ts"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { JsonView } from "../ui/JsonView.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { downloadJson } from "../ui/download.ts"
import classes from "./rotations.module.css"
import { journalWords } from "./words.ts"

const phases: Readonly<Record<string, readonly [Tone, string]>> = {
  intent: ["quiet", "about to"],
  result: ["pass", "done"],
  failure: ["fail", "failed"],
}

/** Intent before each effect, result after it; at the end the evidence pack. */
export function Journal({ rotation: r }: { rotation: RotationDetail }) {
  const pack = r.steps.findLast((s) => s.step === "pack" && s.phase === "result")?.detail ?? null
  return (
    <>
      {pack !== null && (
        <Panel
          title="Evidence"
          actions={
            <Button
              variant="default"
              leftSection={<IconDownload size={14} aria-hidden />}
              onClick={() =>
                downloadJson(`rotation-${r.client}-${r.id}.json`, {
                  ...(isObject(pack) ? pack : { pack }),
                  rotation_id: r.id,
                  journal: r.steps,
                })
              }
            >
              Download evidence
            </Button>
          }
        >
          <JsonView value={pack} label="evidence" />
        </Panel>
      )}
      <Panel
        flush
        title="Journal"
        actions={
          <Text size="xs" c="dimmed">
            Intent before each call, result after it
          </Text>
        }
      >
        <ol className={classes.journal}>
          {r.steps
            .filter((s) => s.step !== "pack" || s.phase !== "result")
            .map((s, i) => {
              const [tone, word] = phases[s.phase] ?? ["unknown", s.phase]
              return (
                <li key={`${s.at} ${s.step} ${s.phase} ${i}`}>
                  <TimeText at={s.at} short={false} withRelative={false} />
                  <div>
                    <StatusBadge tone={tone}>{word}</StatusBadge> {journalWords[s.step] ?? s.step}
                    {detailText(s.detail) && <div className={classes.detail}>{detailText(s.detail)}</div>}
                  </div>
                </li>
              )
            })}
        </ol>
      </Panel>
    </>
  )
}

const detailText = (detail: Json): string =>
  isObject(detail)
    ? Object.entries(detail)
        .filter(([, v]) => v !== null && !(Array.isArray(v) && v.length === 0))
        .map(([k, v]) => `${k}: ${typeof v === "string" ? v : JSON.stringify(v)}`)
        .join(" · ")
    : ""
