"use client"

import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core"
import { IconShieldCheck, IconX } from "@tabler/icons-react"
import { useMutation } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { useMemo, useState } from "react"
import type { IntrospectAnswer } from "../../lib/inspect/introspect.ts"
import type { InspectAnswer } from "../../lib/inspect/verdict.ts"
import { api } from "../api.ts"
import { useProviders } from "../registry/useProviders.ts"
import { useMay } from "../shell/viewer.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FormErrors } from "../ui/FormErrors.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { duration } from "../ui/time.ts"
import { useNow } from "../ui/TimeText.tsx"
import classes from "./Debugger.module.css"
import { Introspection } from "./Introspection.tsx"
import { readLocally, type Local } from "./local.ts"
import { Members } from "./Members.tsx"
import { nothingExpected, Options, type Expected } from "./Options.tsx"
import { overallWords } from "./strip.ts"
import { Overall, Verdict } from "./Verdict.tsx"

const TestFetch = dynamic(() => import("./TestFetch.tsx").then((m) => m.TestFetch), { ssr: false })

/** The token lives in this component's memory only: in no address, no history, no storage, and on the wire only when asked. */
export function DebuggerPage() {
  const [text, setText] = useState("")
  const [expected, setExpected] = useState<Expected>(nothingExpected)
  const providers = useProviders()
  const fetches = useMay("tokens:fetch")
  const now = useNow()
  const local = useMemo(() => readLocally(text, now), [text, now])

  const inspect = useMutation({
    gcTime: 0,
    mutationFn: (token: string) =>
      api<InspectAnswer>("/tokens/inspect", {
        method: "POST",
        body: {
          token,
          ...(expected.providerId === null ? {} : { provider_id: expected.providerId }),
          ...(expected.audience === "" ? {} : { audience: expected.audience }),
          ...(expected.scopes.trim() === "" ? {} : { scopes: expected.scopes }),
          ...(expected.jwks.trim() === "" ? {} : { jwks: expected.jwks }),
        },
      }),
  })
  const introspect = useMutation({
    gcTime: 0,
    mutationFn: (token: string) =>
      api<IntrospectAnswer>("/tokens/introspect", {
        method: "POST",
        body: { token, ...(expected.providerId === null ? {} : { provider_id: expected.providerId }) },
      }),
  })
  const forget = () => {
    inspect.reset()
    introspect.reset()
  }
  const write = (next: string) => {
    setText(next)
    forget()
  }
  const expect = (next: Expected) => {
    setExpected(next)
    forget()
  }
  const verifyFetched = (token: string) => {
    write(token)
    inspect.mutate(token)
  }
  const opaque = local?.overall === "opaque"

  return (
    <>
      <PageHeader
        title="Debugger"
        description="Decoded in this browser while you type; sent to the server only when you press a button; stored nowhere."
      />
      <div className={classes.page}>
        <Stack gap="md">
          <Panel
            title="Token"
            actions={
              text !== "" && (
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-xs"
                  leftSection={<IconX size={13} aria-hidden />}
                  onClick={() => write("")}
                >
                  Clear
                </Button>
              )
            }
          >
            <form
              onSubmit={(event) => {
                event.preventDefault()
                if (local) inspect.mutate(local.token)
              }}
            >
              <Stack gap="xs">
                <Textarea
                  aria-label="Token"
                  placeholder="Paste a token, or an Authorization header"
                  value={text}
                  onChange={(e) => write(e.currentTarget.value)}
                  autosize
                  minRows={7}
                  maxRows={16}
                  autoComplete="off"
                  autoCorrect="off"
                  autoCapitalize="off"
                  spellCheck={false}
                  data-1p-ignore
                  data-lpignore="true"
                  styles={{ input: { fontFamily: "var(--mono)", fontSize: "0.75rem", wordBreak: "break-all" } }}
                />
                {local?.note && (
                  <Text size="xs" c="dimmed">
                    {local.note}
                  </Text>
                )}
                {local && (
                  <StillLive
                    local={local}
                    production={providers.items.some(
                      (p) => p.issuer === local.issuer && p.environment === "production",
                    )}
                  />
                )}
                <Options
                  value={expected}
                  set={expect}
                  providers={providers.items}
                  error={inspect.error ?? introspect.error}
                />
                <Group gap="xs">
                  <Button
                    type="submit"
                    disabled={!local}
                    loading={inspect.isPending}
                    leftSection={<IconShieldCheck size={15} aria-hidden />}
                    variant={opaque ? "default" : "filled"}
                  >
                    Verify
                  </Button>
                  <Button
                    variant={opaque ? "filled" : "default"}
                    disabled={!local || (opaque && expected.providerId === null)}
                    loading={introspect.isPending}
                    onClick={() => {
                      if (local) introspect.mutate(local.token)
                    }}
                  >
                    Introspect
                  </Button>
                </Group>
                {opaque && expected.providerId === null && (
                  <Text size="xs" c="dimmed">
                    An opaque token does not say who issued it. Choose the issuer above, then introspect.
                  </Text>
                )}
              </Stack>
            </form>
          </Panel>
          {fetches && <TestFetch providers={providers.items} verify={verifyFetched} />}
        </Stack>
        <Stack gap="md" miw={0}>
          <FormErrors
            error={inspect.error ?? introspect.error}
            fields={["provider_id", "audience", "scopes", "jwks"]}
          />
          {local === null ? (
            <Panel>
              <EmptyState title="Nothing pasted yet">
                The header and each claim will stand here with its meaning, then the verdict: signature, key, issuer,
                audience, time, type, scope and revocation, each with the rule that it follows.
              </EmptyState>
            </Panel>
          ) : (
            <Panel title="Result">
              <Result local={local} answer={inspect.data} introspected={introspect.data} />
            </Panel>
          )}
        </Stack>
      </div>
    </>
  )
}

function Result({
  local,
  answer,
  introspected,
}: {
  local: Local
  answer: InspectAnswer | undefined
  introspected: IntrospectAnswer | undefined
}) {
  // The server calls one segment malformed, for it is no JWT; a person is told what it may be.
  const overall = answer === undefined || local.overall === "opaque" ? local.overall : answer.overall
  return (
    <Stack gap="sm">
      <Overall {...overallWords[overall]} why={answer?.why ?? local.why} />
      {local.kind && (
        <Text size="xs" c="dimmed">
          Looks like{" "}
          {local.kind.is === "unknown"
            ? "a token of unknown kind"
            : `${/^[ai]/.test(local.kind.is) ? "an" : "a"} ${local.kind.is === "id" ? "ID" : local.kind.is} token`}
          : {local.kind.why}.
        </Text>
      )}
      {introspected && <Introspection answer={introspected} />}
      {answer && <Verdict answer={answer} />}
      <Members title="Header" members={local.members.filter((m) => m.where === "header")} />
      <Members title="Claims" members={local.members.filter((m) => m.where === "claims")} />
    </Stack>
  )
}

function StillLive({ local, production }: { local: Local; production: boolean }) {
  if (local.livesSeconds === null) return null
  return (
    <Alert
      color="yellow"
      variant="outline"
      p="xs"
      title={`Still live: expires in ${duration(local.livesSeconds * 1_000)}`}
    >
      <Text size="xs">
        {production ? "Its issuer is a production provider. " : ""}Whoever holds it can use it. Do not leave it on a
        shared screen, and revoke it if it came to you by mistake.
      </Text>
    </Alert>
  )
}
