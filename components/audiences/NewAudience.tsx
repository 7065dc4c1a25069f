"use client"

import { Button, Group, Stack } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import Link from "next/link"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { AudienceView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { FormErrors } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { audienceBody, audienceFieldNames, AudienceFields, noAudience, type AudienceValues } from "./AudienceFields.tsx"

export function NewAudience() {
  const router = useRouter()
  const queries = useQueryClient()
  const [values, setValues] = useState<AudienceValues>(noAudience)
  const save = useMutation({
    mutationFn: () =>
      api<AudienceView>("/audiences", {
        method: "POST",
        body: { ...audienceBody(values), identifier: values.identifier, legacy: values.legacy },
      }),
    onSuccess: async (made) => {
      said(`${made.identifier} is registered.`)
      await queries.invalidateQueries({ queryKey: ["/audiences"] })
      router.push(`/audiences/${made.id}`)
    },
  })
  return (
    <>
      <PageHeader
        title="New audience"
        back={{ href: "/audiences", label: "Audiences" }}
        description="An API that tokens are made for."
      />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="md" maw={720}>
          <Panel>
            <Stack gap="sm">
              <AudienceFields withIdentifier values={values} onChange={setValues} error={save.error} />
              <FormErrors error={save.error} fields={audienceFieldNames} />
            </Stack>
          </Panel>
          <Group gap="xs">
            <Button type="submit" loading={save.isPending || save.isSuccess}>
              Register audience
            </Button>
            <Button component={Link} href="/audiences" variant="default">
              Cancel
            </Button>
          </Group>
        </Stack>
      </form>
    </>
  )
}
