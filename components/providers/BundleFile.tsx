"use client"

import { Button, FileButton, Group, Skeleton, Stack, Text } from "@mantine/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useRef } from "react"
import type { Json } from "../../lib/base/json.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { api, ApiError } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { downloadJson } from "../ui/download.ts"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Panel } from "../ui/Panel.tsx"
import { said } from "../ui/notify.tsx"
import { contentsOf } from "./bundle.ts"

/** The file way to an OpenIddict host: what is wanted goes out as a bundle, what the host holds comes back as one. */
export function BundleFile({ provider }: { provider: ProviderWire }) {
  const queries = useQueryClient()
  const writes = useMay("providers:write")
  const forget = useRef<() => void>(null)
  const path = `/providers/${provider.id}/document`
  const bundle = useQuery({
    queryKey: ["/providers", provider.id, "document"],
    queryFn: ({ signal }) => api<Json>(path, { signal }),
  })
  const load = useMutation({
    mutationFn: async (file: File) => api(path, { method: "PUT", body: parsed(await file.text(), file.name) }),
    onSuccess: () => {
      said(`${provider.name}'s bundle was taken in; the next plan is made against it.`)
      void queries.invalidateQueries({ queryKey: ["/providers"] })
    },
  })
  // A host with the bundle API is written to directly: there is no file, and the capabilities say so.
  if (bundle.error instanceof ApiError && bundle.error.code === "no_document") return null
  return (
    <Panel title="Bundle">
      <Stack gap="sm">
        <Text size="sm">
          This host is written to by a file: give it the bundle, and give back here what it exports. Until then plans
          are made against the last bundle, and what the host really holds is not known.
        </Text>
        {bundle.error ? (
          <ErrorPanel error={bundle.error} retry={() => void bundle.refetch()} />
        ) : bundle.data === undefined ? (
          <Skeleton height={20} width={260} aria-label="Loading the bundle" />
        ) : (
          <Text size="sm" c="dimmed">
            {contentsOf(bundle.data)}
          </Text>
        )}
        {load.error && <ErrorPanel error={load.error} title="The file was not taken in" />}
        <Group gap="sm">
          <Button
            variant="default"
            disabled={bundle.data === undefined}
            onClick={() => downloadJson(`${provider.name}-bundle.json`, bundle.data)}
          >
            Download bundle
          </Button>
          {writes && (
            <FileButton
              accept="application/json,.json"
              resetRef={forget}
              onChange={(file) => {
                if (file) load.mutate(file)
                // A browser says nothing of a file that is chosen twice, and the second time it may be mended.
                forget.current?.()
              }}
            >
              {(props) => (
                <Button variant="default" loading={load.isPending} {...props}>
                  Give back an export
                </Button>
              )}
            </FileButton>
          )}
        </Group>
      </Stack>
    </Panel>
  )
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Error(`${name} is not JSON. A bundle looks as docs/openiddict-bundle.md says.`)
  }
}
