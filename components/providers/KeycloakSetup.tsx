"use client"

import { Button, Checkbox, Fieldset, Group, PasswordInput, SegmentedControl, Stack, TextInput } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { KeycloakSetupWire } from "../../lib/providers/set-up.ts"
import { api } from "../api.ts"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { KeycloakDone } from "./KeycloakDone.tsx"
import { NameFields } from "./NameFields.tsx"

const blank = { base_url: "", realm: "", client_id: "grantry-console", admin_realm: "master", who: "", secret: "" }
const paths = ["name", "environment", "base_url", "realm", "client_id", "admin_realm", "admin"]

/** Makes the realm (if wanted) and Grantry's client there from an administrator's credentials, which are not kept. */
export function KeycloakSetup() {
  const queries = useQueryClient()
  const [name, setName] = useState("")
  const [environment, setEnvironment] = useState("production")
  const [create, setCreate] = useState(false)
  const [as, setAs] = useState("person")
  const [given, setGiven] = useState(blank)
  const setUp = useMutation({
    gcTime: 0,
    mutationFn: () => {
      const { who, secret, ...rest } = given
      const admin = as === "person" ? { username: who, password: secret } : { client_id: who, client_secret: secret }
      const body = { ...rest, create_realm: create, name, environment, admin }
      return api<KeycloakSetupWire>("/providers/keycloak-setup", { method: "POST", body })
    },
    // The credentials leave the page with the request, whatever it answers: a second try types them again.
    onSettled: () => setGiven((now) => ({ ...now, secret: "" })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["/providers"] }),
  })
  if (setUp.data) return <KeycloakDone made={setUp.data} />
  const field = (key: keyof typeof blank, path: string = key) => ({
    required: true,
    value: given[key],
    autoComplete: "off",
    spellCheck: false,
    error: fieldError(setUp.error, path),
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setGiven((now) => ({ ...now, [key]: value }))
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        setUp.mutate()
      }}
    >
      <Stack gap="sm">
        <NameFields
          name={name}
          onName={setName}
          environment={environment}
          onEnvironment={setEnvironment}
          error={setUp.error}
        />
        <TextInput
          label="Base URL"
          description="Where Keycloak is, as everybody reaches it: https://sso.example.com. Without /realms and without /admin."
          {...field("base_url")}
        />
        <TextInput label="Realm" description="The realm that Grantry shall manage." {...field("realm")} />
        <Checkbox
          label="Make the realm if it is not there"
          checked={create}
          onChange={(e) => setCreate(e.currentTarget.checked)}
        />
        <TextInput
          label="Client ID"
          description="The name of Grantry's own client, which is made there."
          {...field("client_id")}
        />
        <Fieldset legend="Administrator, used once and not kept">
          <Stack gap="sm">
            <SegmentedControl
              aria-label="Who the administrator is"
              value={as}
              onChange={setAs}
              data={[
                { value: "person", label: "A person" },
                { value: "client", label: "A service account" },
              ]}
            />
            <TextInput label="Realm of the administrator" description="Usually master." {...field("admin_realm")} />
            <TextInput label={as === "person" ? "Username" : "Administrator's client ID"} {...field("who", "admin")} />
            <PasswordInput
              label={as === "person" ? "Password" : "Administrator's client secret"}
              {...field("secret", "admin.none")}
              visibilityToggleButtonProps={{ "aria-label": "Show what is typed" }}
            />
          </Stack>
        </Fieldset>
        <FormErrors error={setUp.error} fields={paths} />
        <Group justify="flex-end">
          <Button type="submit" loading={setUp.isPending}>
            Set up and connect
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
