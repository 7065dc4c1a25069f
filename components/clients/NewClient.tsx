"use client"

import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import Link from "next/link"
import { useRouter } from "next/navigation"
import { useEffect, useState } from "react"
import type { AudienceView, ClientView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { AudienceField } from "../registry/AudienceField.tsx"
import { endOf, grantFieldNames, noGrant, type GrantValues } from "../registry/grantValues.ts"
import { useProviders } from "../registry/useProviders.ts"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { clientBody, ClientFields, clientFieldNames, noClient, type ClientValues } from "./ClientFields.tsx"

const GrantFields = dynamic(() => import("../registry/GrantFields.tsx").then((m) => m.GrantFields))

/** One form: the client and, if wanted, its first grant. Two writes; when the second is refused, only that one is sent again. */
export function NewClient({ owners, audience: given }: { owners: readonly string[]; audience: AudienceView | null }) {
  const router = useRouter()
  const providers = useProviders()
  const [values, setValues] = useState<ClientValues>(noClient)
  const [audience, setAudience] = useState<AudienceView | null>(given)
  const [grant, setGrant] = useState<GrantValues>(noGrant)
  const [made, setMade] = useState<ClientView | null>(null)
  const [touched, setTouched] = useState(false)
  const only = providers.items.length === 1 ? providers.items[0]?.id : undefined
  useEffect(() => {
    if (only && !touched) setValues((v) => ({ ...v, provider_ids: [only] }))
  }, [only, touched])

  const create = useMutation({
    mutationFn: async () => {
      const body = { ...clientBody(values), name: values.name, display_name: values.display_name || values.name }
      const client = await api<ClientView>("/clients", { method: "POST", body })
      setMade(client)
      return client
    },
  })
  const give = useMutation({
    mutationFn: (client: ClientView) =>
      api("/grants", {
        method: "POST",
        body: {
          client: client.id,
          audience: audience?.id ?? "",
          scopes: grant.scopes,
          reason: grant.reason,
          expires_at: endOf(grant),
        },
      }),
  })
  const submit = async () => {
    const client = made ?? (await create.mutateAsync())
    if (audience) await give.mutateAsync(client)
    said(`${client.name} is registered. Apply a plan to create it at its providers.`)
    router.push(`/clients/${client.id}`)
  }

  return (
    <>
      <PageHeader
        title="New client"
        back={{ href: "/clients", label: "Clients" }}
        description="Registers the service here. Nothing is written to a provider before a plan is applied."
      />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit().catch(() => {})
        }}
      >
        <Stack gap="md" maw={720}>
          <Panel title="Service client">
            {made ? (
              <Alert color="teal" variant="outline">
                <Text size="sm">
                  <Anchor component={Link} href={`/clients/${made.id}`}>
                    {made.name}
                  </Anchor>{" "}
                  is registered. Only its first grant is missing.
                </Text>
              </Alert>
            ) : (
              <Stack gap="sm">
                <ClientFields
                  withName
                  values={values}
                  onChange={(v) => {
                    if (v.provider_ids !== values.provider_ids) setTouched(true)
                    setValues(v)
                  }}
                  error={create.error}
                  owners={owners}
                />
                <FormErrors error={create.error} fields={clientFieldNames} />
              </Stack>
            )}
          </Panel>
          <Panel title="First grant">
            <Stack gap="sm">
              <Text size="sm" c="dimmed">
                May be left empty: without a grant the client can ask for nothing.
              </Text>
              <AudienceField
                value={audience}
                onChange={(a) => {
                  setAudience(a)
                  setGrant({ ...grant, scopes: [] })
                }}
                error={fieldError(give.error, "audience")}
              />
              {audience && <GrantFields audience={audience} values={grant} onChange={setGrant} error={give.error} />}
              <FormErrors error={give.error} fields={[...grantFieldNames, "audience"]} />
            </Stack>
          </Panel>
          <Group gap="xs">
            <Button type="submit" loading={create.isPending || give.isPending} disabled={providers.pending}>
              {made ? "Give grant" : "Register client"}
            </Button>
            <Button component={Link} href="/clients" variant="default">
              Cancel
            </Button>
          </Group>
        </Stack>
      </form>
    </>
  )
}
