"use client"

import { Anchor, Group, Text } from "@mantine/core"
import Link from "next/link"
import type { InspectAnswer } from "../../lib/inspect/verdict.ts"
import { Marked } from "../ui/Marked.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"
import { Table } from "../ui/Table.tsx"
import { duration } from "../ui/time.ts"
import classes from "./Debugger.module.css"
import { answerWords, tilesOf } from "./strip.ts"

/** The one word on top: its colour never says more than was checked. */
export function Overall({ tone, word, why }: { tone: Tone; word: string; why: string }) {
  return (
    <div className={classes.overall} data-tone={tone} role="status">
      <Text component="h2" fz="md" fw={650}>
        <StatusBadge tone={tone}>{word}</StatusBadge>
      </Text>
      <Text size="sm">
        <Marked>{why}</Marked>
      </Text>
    </div>
  )
}

/** The strip of eight questions, then every check with its source. */
export function Verdict({ answer }: { answer: InspectAnswer }) {
  return (
    <>
      <ul className={classes.strip} aria-label="Verdict">
        {tilesOf(answer.checks).map((t) => (
          <li key={t.title} className={classes.tile}>
            <Text size="xs" fw={600}>
              {t.title}
            </Text>
            <StatusBadge tone={answerWords[t.is].tone}>{answerWords[t.is].word}</StatusBadge>
            <Text size="xs" c="dimmed">
              <Marked>{t.why}</Marked>
            </Text>
          </li>
        ))}
      </ul>
      <RegistryCard registry={answer.registry} />
      <Table style={{ marginTop: 12 }} aria-label="Checks" className={classes.checks} size="xs" space={5}>
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col">Result</th>
            <th style={{ width: "100%" }} scope="col">
              Why
            </th>
            <th scope="col">Source</th>
          </tr>
        </thead>
        <tbody>
          {answer.checks.map((c) => (
            <tr key={c.name}>
              <td className={classes.checkTitle}>{c.title}</td>
              <td>
                <StatusBadge tone={answerWords[c.is].tone}>{answerWords[c.is].word}</StatusBadge>
              </td>
              <td style={{ overflowWrap: "anywhere" }}>
                <Marked>{c.why}</Marked>
              </td>
              <td>
                <Text size="xs" c="dimmed" className={classes.source}>
                  {c.source}
                </Text>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  )
}

function RegistryCard({ registry }: { registry: InspectAnswer["registry"] }) {
  const { provider, client, audiences, granted_scopes: granted, keys } = registry
  return (
    <Group gap="lg" className={classes.registry} component="section" aria-label="What the registry knows">
      <Text size="xs">
        <b>Provider</b>{" "}
        {provider ? (
          <Anchor component={Link} href={`/providers/${provider.id}`} inherit>
            {provider.name}
          </Anchor>
        ) : (
          "no connected one has this issuer"
        )}
      </Text>
      <Text size="xs">
        <b>Client</b>{" "}
        {client ? (
          <>
            <Anchor component={Link} href={`/clients/${client.id}`} inherit>
              {client.name}
            </Anchor>
            {!client.enabled && " (disabled)"}
          </>
        ) : (
          "not one of the registry"
        )}
      </Text>
      <Text size="xs">
        <b>Audience</b>{" "}
        {audiences.length === 0
          ? "none of the registry"
          : audiences.map((a) => (
              <Anchor key={a.id} component={Link} href={`/audiences/${a.id}`} inherit mr={6}>
                {a.identifier}
              </Anchor>
            ))}
      </Text>
      <Text size="xs">
        <b>Granted there</b>{" "}
        {granted === null ? "–" : granted.length === 0 ? "nothing" : <code>{granted.join(" ")}</code>}
      </Text>
      {keys && (
        <Text size="xs">
          <b>Keys</b>{" "}
          {keys.from === "caller"
            ? "those you gave"
            : `of the issuer${keys.age_seconds === null ? "" : `, read ${duration(keys.age_seconds * 1_000)} ago`}`}
          {keys.problem && `; ${keys.problem}`}
        </Text>
      )}
    </Group>
  )
}
