"use client"

import { Alert, Loader, SegmentedControl, Stack, Text } from "@mantine/core"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { useState } from "react"
import type { AskView } from "../../lib/inspect/ask.ts"
import type { ClientView, GrantView } from "../../lib/registry/schema.ts"
import { curl } from "../../lib/snippets/curl.ts"
import { envTemplate } from "../../lib/snippets/env.ts"
import { go } from "../../lib/snippets/go.ts"
import { python } from "../../lib/snippets/python.ts"
import { typescript } from "../../lib/snippets/typescript.ts"
import { useProviders } from "../registry/useProviders.ts"
import { useTokenRequest } from "../registry/useTokenRequest.ts"
import { Choice } from "../ui/Choice.tsx"
import { CodeBlock } from "../ui/CodeBlock.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Panel } from "../ui/Panel.tsx"

const languages = ["curl", "typescript", "python", "go", "env"] as const
const titles = { curl: "curl", typescript: "TypeScript", python: "Python", go: "Go", env: "Environment file" } as const

const codeOf: Readonly<Record<(typeof languages)[number], (c: AskView) => string | null>> = {
  curl,
  typescript,
  python,
  go,
  env: (c) =>
    envTemplate({
      clientId: c.client_id,
      issuer: c.issuer,
      tokenEndpoint: c.token_endpoint,
      withSecret: c.auth_method !== "private_key_jwt",
      jwksUri: c.jwks_uri,
      introspectionUrl: c.introspection_endpoint,
      audience: c.audience,
    }),
}

/** Ready code for this client: real names and addresses, never a secret. */
export function IntegrateTab({
  client,
  grants,
  publicUrl,
}: {
  client: ClientView
  grants: readonly GrantView[]
  publicUrl: string
}) {
  const providers = useProviders()
  const own = providers.items.filter((p) => client.provider_ids.includes(p.id))
  const active = grants.filter((g) => g.state === "active")
  const [providerId, setProviderId] = useState<string | null>(null)
  const [grantId, setGrantId] = useState<string | null>(null)
  const [language, setLanguage] = useQueryState("lang", parseAsStringLiteral(languages).withDefault("curl"))
  const provider = own.find((p) => p.id === providerId) ?? own[0]
  const grant = active.find((g) => g.id === grantId) ?? active[0]
  const asked = useTokenRequest(
    provider
      ? { client: client.id, provider: provider.id, audience: grant?.audience ?? null, scopes: grant?.scopes ?? [] }
      : null,
  )
  if (!providers.pending && !provider)
    return (
      <Panel>
        <EmptyState title="Choose a provider first">
          Ready code needs a token endpoint. Edit the client and choose the providers it is wanted on.
        </EmptyState>
      </Panel>
    )
  if (!provider) return null

  const shown = asked.data && codeOf[language](asked.data)
  const events = `curl --fail-with-body '${publicUrl}/api/v1/events' \\\n  --header "Authorization: Bearer $GRANTRY_EVENTS_TOKEN" --header 'Content-Type: application/x-ndjson' \\\n  --data-binary '${JSON.stringify({ event: "token_validated", client_id: client.name, audience: grant?.audience, scopes: grant?.scopes, validation_result: "success", resource: "POST /api/example" }).replaceAll("'", "")}'\n`

  return (
    <Stack gap="md">
      {!grant && (
        <Alert color="yellow" variant="outline" title="Nothing is granted">
          The code below asks for no scope. Give {client.name} a grant first.
        </Alert>
      )}
      <Panel
        title="Get a token"
        actions={
          <>
            {own.length > 1 && (
              <Choice
                size="xs"
                aria-label="Provider"
                data={own.map((p) => ({ value: p.id, label: p.name }))}
                value={provider.id}
                onChange={setProviderId}
              />
            )}
            {active.length > 1 && (
              <Choice
                size="xs"
                aria-label="Audience"
                data={active.map((g) => ({ value: g.id, label: g.audience }))}
                value={grant?.id ?? null}
                onChange={setGrantId}
              />
            )}
          </>
        }
      >
        <Stack gap="sm">
          <SegmentedControl
            size="xs"
            aria-label="Language"
            data={languages.map((l) => ({ value: l, label: titles[l] }))}
            value={language}
            onChange={(l) => void setLanguage(languages.find((x) => x === l) ?? null)}
            style={{ alignSelf: "flex-start" }}
          />
          {asked.isPending ? (
            <Loader size="sm" aria-label="Asking the provider" />
          ) : shown === undefined ? (
            <ErrorPanel
              title={`${provider.name} cannot say yet how`}
              error={asked.error}
              retry={() => void asked.refetch()}
            />
          ) : shown === null ? (
            <Text size="sm" c="dimmed">
              private_key_jwt needs a signed assertion, which this language's standard packages do not make. See
              TypeScript, or sign one with a JWT library of yours and send it as curl shows.
            </Text>
          ) : (
            <CodeBlock code={shown} label={`${titles[language]} code`} />
          )}
          <Text size="xs" c="dimmed">
            The secret comes from the environment: reveal it once under Secrets, or let it be delivered.
          </Text>
        </Stack>
      </Panel>
      <Panel title="Report its calls">
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            Each API that validates a token of this client sends one line per call. The token for it is made under
            Settings, Event sources.
          </Text>
          <CodeBlock code={events} label="event line with curl" />
        </Stack>
      </Panel>
    </Stack>
  )
}
