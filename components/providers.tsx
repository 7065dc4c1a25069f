"use client"

import { MantineProvider } from "@mantine/core"
import { NuqsAdapter } from "nuqs/adapters/next/app"
import { useRef, type ReactNode } from "react"
import { QueryProvider } from "./query.tsx"
import { theme, variables } from "./theme.ts"
import { Notices } from "./ui/notify.tsx"
import { ZoneProvider } from "./ui/zone.tsx"

/** Theme, live data and URL state for every page. The first nonce stays: later documents' nonces do not exist in a client navigation. */
export function Providers({ nonce, children }: { nonce: string; children: ReactNode }) {
  const kept = useRef(nonce)
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={() => kept.current}
    >
      <NuqsAdapter>
        <QueryProvider>
          <ZoneProvider>{children}</ZoneProvider>
        </QueryProvider>
      </NuqsAdapter>
      <Notices />
    </MantineProvider>
  )
}
