"use client"

import { Alert, SegmentedControl, Select, Stack, Text } from "@mantine/core"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { useState } from "react"
import type { ClientView, GrantView } from "../../lib/registry/schema.ts"
import { audienceParameterOf, type SnippetContext } from "../../lib/snippets/context.ts"
import { curl } from "../../lib/snippets/curl.ts"
import { envTemplate } from "../../lib/snippets/env.ts"
import { go } from "../../lib/snippets/go.ts"
import { python } from "../../lib/snippets/python.ts"
import { typescript } from "../../lib/snippets/typescript.ts"
import { useProviders } from "../registry/useProviders.ts"
import { CodeBlock } from "../ui/CodeBlock.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { Panel } from "../ui/Panel.tsx"

const languages = ["curl", "typescript", "python", "go", "env"] as const
const titles = { curl: "curl", typescript: "TypeScript", python: "Python", go: "Go", env: "Environment file" } as const

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
  if (!providers.pending && !provider)
    return (
      <Panel>
        <EmptyState title="Choose a provider first">
          Ready code needs a token endpoint. Edit the client and choose the providers it is wanted on.
        </EmptyState>
      </Panel>
    )
  if (!provider) return null

  const context: SnippetContext = {
    clientId: client.name,
    authMethod: client.auth_method,
    issuer: provider.issuer,
    tokenEndpoint: provider.token_endpoint,
    grant: grant ? { audience: grant.audience, scopes: grant.scopes } : null,
    audienceParameter: audienceParameterOf(provider.kind),
  }
  const code: Readonly<Record<(typeof languages)[number], string | null>> = {
    curl: curl(context),
    typescript: typescript(context),
    python: python(context),
    go: go(context),
    env: envTemplate({
      clientId: client.name,
      issuer: provider.issuer,
      tokenEndpoint: provider.token_endpoint,
      withSecret: client.auth_method !== "private_key_jwt",
      jwksUri: provider.jwks_uri,
      introspectionUrl: provider.introspection_endpoint,
      audience: grant?.audience ?? null,
    }),
  }
  const shown = code[language]
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
              <Select
                size="xs"
                aria-label="Provider"
                allowDeselect={false}
                data={own.map((p) => ({ value: p.id, label: p.name }))}
                value={provider.id}
                onChange={setProviderId}
              />
            )}
            {active.length > 1 && (
              <Select
                size="xs"
                aria-label="Audience"
                allowDeselect={false}
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
          {shown === null ? (
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
