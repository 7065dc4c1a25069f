"use client"

import { Button } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import dynamic from "next/dynamic"
import { useState } from "react"
import type { ClientView, GrantView } from "../../lib/registry/schema.ts"
import { GrantTable } from "../registry/GrantTable.tsx"
import { useMay } from "../shell/viewer.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { Panel } from "../ui/Panel.tsx"

const GrantDialog = dynamic(() => import("../registry/GrantDialog.tsx").then((m) => m.GrantDialog), { ssr: false })

export function GrantsTab({ client, grants }: { client: ClientView; grants: readonly GrantView[] }) {
  const writes = useMay("registry:write")
  const [adding, setAdding] = useState(false)
  const add = writes && (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
      New grant
    </Button>
  )
  return (
    <Panel flush title="What this client may call" actions={grants.length > 0 && add}>
      <GrantTable
        rows={grants}
        hide="client"
        empty={
          <EmptyState title="No grant yet" action={add}>
            A grant says which scopes of which API {client.name} may ask for, and why. Without one it gets no token.
          </EmptyState>
        }
      />
      {adding && <GrantDialog client={client.name} onClose={() => setAdding(false)} />}
    </Panel>
  )
}
