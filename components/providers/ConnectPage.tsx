"use client"

import { SegmentedControl, Stack, Text } from "@mantine/core"
import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs"
import type { KindSheet } from "../../lib/connectors/sheet.ts"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Mapping } from "./Capabilities.tsx"
import { ConnectForm } from "./ConnectForm.tsx"
import { KeycloakSetup } from "./KeycloakSetup.tsx"
import { KindCards } from "./KindCards.tsx"
import { Ports } from "./Ports.tsx"
import { Privileges } from "./Privileges.tsx"
import { Verified } from "./Verified.tsx"
import { inSentence } from "./words.ts"
import classes from "./providers.module.css"

/** First which kind, then its settings; beside them what it needs and what it can. */
export function ConnectPage({ sheets }: { sheets: readonly KindSheet[] }) {
  const [kind] = useQueryState("kind", parseAsString)
  const sheet = sheets.find((s) => s.kind === kind)
  if (!sheet)
    return (
      <>
        <PageHeader
          title="Connect provider"
          back={{ href: "/providers", label: "Providers" }}
          description="Which kind is it? Connecting writes nothing at the provider: it is read, and what it holds can be imported."
        />
        <KindCards sheets={sheets} />
      </>
    )
  return (
    <>
      <PageHeader
        title={`Connect ${inSentence(sheet.title)}`}
        back={{ href: "/providers/new", label: "Other kinds" }}
        description={sheet.versions}
      />
      <div className={classes.two}>
        <Stack gap="md" miw={0}>
          {sheet.kind === "keycloak" ? <Keycloak sheet={sheet} /> : <Known sheet={sheet} />}
          <Mapping rows={sheet.mapping} title={sheet.title} />
        </Stack>
        <Stack gap="md" miw={0}>
          <Privileges privileges={sheet.privileges} title={sheet.title} />
          <Panel flush title="What can be done there">
            <Ports ports={sheet.ports} brief />
          </Panel>
          <Verified of={sheet} />
        </Stack>
      </div>
    </>
  )
}

const Known = ({ sheet }: { sheet: KindSheet }) => (
  <Panel title="Settings">
    <ConnectForm key={sheet.kind} sheet={sheet} />
  </Panel>
)

const ways = ["client", "setup"] as const

function Keycloak({ sheet }: { sheet: KindSheet }) {
  const [way, setWay] = useQueryState("way", parseAsStringLiteral(ways).withDefault("client"))
  return (
    <Panel title="Settings">
      <Stack gap="md" maw={560}>
        <SegmentedControl
          aria-label="How to connect"
          value={way}
          onChange={(w) => void setWay(ways.find((x) => x === w) ?? null)}
          data={[
            { value: "client", label: "With a client that is there" },
            { value: "setup", label: "Set up a realm" },
          ]}
        />
        {way === "client" ? (
          <ConnectForm sheet={sheet} />
        ) : (
          <>
            <Text size="sm">
              Grantry makes its own client in the realm, with the rights listed here, switches the realm&apos;s logs on,
              and adds the policy that lets an old secret live beside a new one. It logs in as an administrator for
              that, once: these credentials are not kept.
            </Text>
            <KeycloakSetup />
          </>
        )}
      </Stack>
    </Panel>
  )
}
