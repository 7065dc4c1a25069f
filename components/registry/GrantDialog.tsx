"use client"

import { Text } from "@mantine/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { AudienceView, GrantView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { FormDialog } from "../ui/FormDialog.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"
import { AudienceField } from "./AudienceField.tsx"
import { ClientField } from "./ClientField.tsx"
import { GrantFields } from "./GrantFields.tsx"
import { endOf, grantFieldNames, noGrant, untilOf, type GrantValues } from "./grantValues.ts"
import { Stale } from "./Stale.tsx"

/** Gives a grant, or changes the scopes, reason and end of one. What is given as `client` or `audience` stands fast. */
export function GrantDialog({
  grant,
  client,
  audience: given,
  onClose,
}: {
  grant?: GrantView
  client?: string
  audience?: AudienceView
  onClose: () => void
}) {
  const router = useRouter()
  const queries = useQueryClient()
  const [clientName, setClientName] = useState(grant?.client ?? client ?? "")
  const [picked, setPicked] = useState<AudienceView | null>(given ?? null)
  const [values, setValues] = useState<GrantValues>(
    grant ? { scopes: grant.scopes, reason: grant.reason, until: untilOf(grant.expires_at) } : noGrant,
  )
  const known = useQuery({
    queryKey: ["/audiences", grant?.audience_id],
    enabled: grant !== undefined && !given,
    queryFn: () => api<AudienceView>(`/audiences/${grant?.audience_id}`),
  })
  const audience = picked ?? known.data ?? null

  const save = useMutation({
    mutationFn: () => {
      const body = { scopes: values.scopes, reason: values.reason, expires_at: endOf(values) }
      return grant
        ? api<GrantView>(`/grants/${grant.id}`, { method: "PATCH", body, version: grant.version })
        : api<GrantView>("/grants", {
            method: "POST",
            body: { ...body, client: clientName, audience: audience?.id ?? "" },
          })
    },
    onSuccess: async (saved) => {
      said(
        `${saved.client} may ask for ${saved.scopes.join(" ")} on ${saved.audience}. It takes effect when a plan is applied.`,
      )
      await queries.invalidateQueries({ queryKey: ["/grants"] })
      router.refresh()
      onClose()
    },
  })
  return (
    <FormDialog
      title={grant ? `Change the grant of ${grant.client}` : "New grant"}
      size="lg"
      verb={grant ? "Save grant" : "Give grant"}
      busy={save.isPending}
      error={save.error}
      fields={[...grantFieldNames, "client", "audience"]}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {grant || client ? (
        <Text size="sm">
          Client <code>{clientName}</code>
        </Text>
      ) : (
        <ClientField value={clientName} onChange={setClientName} error={fieldError(save.error, "client")} />
      )}
      {grant || given ? (
        <Text size="sm">
          Audience <code>{grant?.audience ?? given?.identifier}</code>
        </Text>
      ) : (
        <AudienceField
          value={picked}
          onChange={(a) => {
            setPicked(a)
            setValues({ ...values, scopes: [] })
          }}
          error={fieldError(save.error, "audience")}
        />
      )}
      <GrantFields audience={audience} values={values} onChange={setValues} error={save.error} />
      <Stale
        error={save.error}
        reload={() => {
          router.refresh()
          onClose()
        }}
      />
    </FormDialog>
  )
}
