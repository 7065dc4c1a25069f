"use client"

import { Alert, Button, Group, MultiSelect, PasswordInput, Stack, Text } from "@mantine/core"
import { useMutation, useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { FetchedToken } from "../../lib/inspect/fetch.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import type { AudienceView, ClientView } from "../../lib/registry/schema.ts"
import { curl } from "../../lib/snippets/curl.ts"
import { api, queryString, type Page } from "../api.ts"
import { AudienceField } from "../registry/AudienceField.tsx"
import { ClientField } from "../registry/ClientField.tsx"
import { useTokenRequest } from "../registry/useTokenRequest.ts"
import { Choice } from "../ui/Choice.tsx"
import { CodeBlock } from "../ui/CodeBlock.tsx"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { Marked } from "../ui/Marked.tsx"
import { Panel } from "../ui/Panel.tsx"
import { duration } from "../ui/time.ts"
import { whereToAsk } from "./whereToAsk.ts"

/** Fetches a token as a client would, and hands it to the box on request. The token is kept nowhere else. */
export function TestFetch({
  providers,
  verify,
}: {
  providers: readonly ProviderWire[]
  verify: (token: string) => void
}) {
  const [name, setName] = useState("")
  const [providerId, setProvider] = useState<string | null>(null)
  const [audience, setAudience] = useState<AudienceView | null>(null)
  const [scopes, setScopes] = useState<string[]>([])
  const [secret, setSecret] = useState("")
  const found = useQuery({
    queryKey: ["/clients", "named", name],
    enabled: name !== "",
    queryFn: ({ signal }) => api<Page<ClientView>>(`/clients${queryString({ q: name, limit: 30 })}`, { signal }),
  })
  const client = found.data?.items.find((c) => c.name === name)
  const { provider, missing } = whereToAsk({
    named: name !== "",
    client: found.isPending ? undefined : (client ?? null),
    audience: audience !== null,
    chosen: providerId,
    providers,
  })
  const fetched = useMutation({
    gcTime: 0,
    mutationFn: () =>
      api<FetchedToken>("/tokens/fetch", {
        method: "POST",
        body: {
          client: name,
          provider_id: provider?.id,
          audience: audience?.identifier,
          ...(scopes.length > 0 ? { scopes } : {}),
          ...(secret === "" ? {} : { client_secret: secret }),
        },
      }),
  })
  const ready = name !== "" && provider !== null && audience !== null
  const asked = useTokenRequest(
    ready && client ? { client: client.id, provider: provider.id, audience: audience.identifier, scopes } : null,
  )
  return (
    <Panel title="Fetch a test token">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) fetched.mutate()
        }}
      >
        <Stack gap="xs">
          <ClientField value={name} onChange={setName} error={fieldError(fetched.error, "client")} />
          <Choice
            label="Provider"
            any={
              provider && providerId === null ? `Where the client stands: ${provider.name}` : "Where the client stands"
            }
            data={providers.map((p) => ({ value: p.id, label: p.name }))}
            value={providerId}
            onChange={setProvider}
            error={fieldError(fetched.error, "provider_id")}
          />
          <AudienceField
            value={audience}
            onChange={(a) => {
              setAudience(a)
              setScopes([])
            }}
            error={fieldError(fetched.error, "audience")}
          />
          <MultiSelect
            label="Scopes"
            placeholder={scopes.length === 0 ? "Those of the grant" : ""}
            data={(audience?.scopes ?? []).map((s) => s.name)}
            value={scopes}
            onChange={setScopes}
            error={fieldError(fetched.error, "scopes")}
          />
          <PasswordInput
            label="Client secret"
            description="Left empty: the newest that Grantry still holds"
            value={secret}
            onChange={(e) => setSecret(e.currentTarget.value)}
            autoComplete="off"
            error={fieldError(fetched.error, "client_secret")}
            visibilityToggleButtonProps={{ "aria-label": "Show the secret" }}
          />
          <FormErrors error={fetched.error} fields={["client", "provider_id", "audience", "scopes", "client_secret"]} />
          {fetched.data && <Outcome answer={fetched.data} verify={verify} />}
          <Group justify="flex-end">
            <Text size="xs" c="dimmed" role="status">
              {missing}
            </Text>
            <Button type="submit" disabled={!ready} loading={fetched.isPending}>
              Fetch a token
            </Button>
          </Group>
          {asked.data && <CodeBlock label="the same with curl" code={curl(asked.data)} />}
        </Stack>
      </form>
    </Panel>
  )
}

function Outcome({ answer, verify }: { answer: FetchedToken; verify: (token: string) => void }) {
  const { access_token: token } = answer
  if (!answer.ok || token === null) {
    return (
      <Alert
        color="red"
        variant="outline"
        title={`Refused after ${duration(answer.duration_ms)}: ${answer.error ?? "no reason given"}`}
        role="alert"
      >
        <Text size="sm">
          <Marked>{answer.error_description ?? "The provider says nothing more."}</Marked>
        </Text>
      </Alert>
    )
  }
  return (
    <Alert color="teal" variant="outline" title={`A token came within ${duration(answer.duration_ms)}`} role="status">
      <Group justify="space-between">
        <Text size="sm">
          {answer.expires_in === null
            ? "How long it lives is not said."
            : `It lives ${duration(answer.expires_in * 1_000)}.`}{" "}
          It is not kept.
        </Text>
        <Button onClick={() => verify(token)}>Verify it</Button>
      </Group>
    </Alert>
  )
}
