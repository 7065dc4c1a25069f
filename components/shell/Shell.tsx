"use client"

import { Burger, Group, Text } from "@mantine/core"
import { useDisclosure, useHotkeys } from "@mantine/hooks"
import dynamic from "next/dynamic"
import Link from "next/link"
import { usePathname, useRouter } from "next/navigation"
import { useEffect, useRef, useState, type ReactNode } from "react"
import { useKeys } from "../ui/keys.ts"
import { Logo } from "../ui/Logo.tsx"
import { HeaderTools } from "./HeaderTools.tsx"
import { KindsContext } from "./kinds.tsx"
import { isCurrent, navigation } from "./navigation.ts"
import classes from "./Shell.module.css"
import { StepUp } from "./StepUp.tsx"
import { ViewerProvider, type Viewer } from "./viewer.tsx"

const Palette = dynamic(() => import("./Palette.tsx").then((m) => m.Palette), { ssr: false })
const KeyHelp = dynamic(() => import("./KeyHelp.tsx").then((m) => m.KeyHelp), { ssr: false })

/** The frame of every page: navigation, header, palette, keys. */
export function Shell({
  viewer,
  kinds,
  environment,
  children,
}: {
  viewer: Viewer
  kinds: Readonly<Record<string, string>>
  environment: { label: string; secure: boolean }
  children: ReactNode
}) {
  const path = usePathname()
  const router = useRouter()
  const [menu, { toggle, close }] = useDisclosure()
  const [palette, setPalette] = useState(0)
  const [help, setHelp] = useState(false)
  const leader = useRef(0)
  const openPalette = () => setPalette((n) => n + 1)
  const places = navigation
    .flatMap((p) => p.places)
    .filter((p) => p.permission === null || viewer.permissions.includes(p.permission))

  useEffect(close, [path, close])
  useHotkeys([["mod+K", openPalette]], [])
  useKeys({
    "?": () => setHelp(true),
    g: () => {
      leader.current = leader.current > Date.now() - 1_200 ? 0 : Date.now()
      if (leader.current === 0) router.push("/grants")
    },
    ...Object.fromEntries(
      places
        .filter((p) => p.key !== "g")
        .map((p) => [
          p.key,
          () => {
            if (leader.current > Date.now() - 1_200) {
              leader.current = 0
              router.push(p.href)
            }
          },
        ]),
    ),
  })

  return (
    <ViewerProvider viewer={viewer}>
      <a href="#content" className={classes.skip}>
        Skip to content
      </a>
      <header className={classes.header}>
        <Group gap="sm" wrap="nowrap">
          <Burger
            opened={menu}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={menu ? "Close navigation" : "Open navigation"}
          />
          <Link href="/" className={classes.brand}>
            <Logo size={22} />
            Grantry
          </Link>
          <Text size="xs" c="dimmed" visibleFrom="sm" title="The public address of this console">
            {environment.label}
            {!environment.secure && " · plain http, for this machine only"}
          </Text>
        </Group>
        <HeaderTools openPalette={openPalette} openHelp={() => setHelp(true)} />
      </header>
      <nav aria-label="Main" className={classes.navbar} data-open={menu || undefined}>
        {navigation.map((part) => {
          const shown = part.places.filter((p) => places.includes(p))
          if (shown.length === 0) return null
          return (
            <div key={part.title}>
              {part.title && <Text className={classes.part}>{part.title}</Text>}
              {shown.map((p) => (
                <Link
                  key={p.href}
                  href={p.href}
                  className={classes.link}
                  aria-current={isCurrent(p.href, path) ? "page" : undefined}
                >
                  <p.icon size={16} stroke={1.7} aria-hidden />
                  {p.label}
                </Link>
              ))}
            </div>
          )
        })}
      </nav>
      <main id="content" tabIndex={-1} className={classes.main}>
        <div className={classes.content}>
          <KindsContext value={kinds}>{children}</KindsContext>
        </div>
      </main>
      {palette > 0 && <Palette openings={palette} places={places} />}
      <StepUp />
      {help && <KeyHelp places={places} onClose={() => setHelp(false)} />}
    </ViewerProvider>
  )
}
