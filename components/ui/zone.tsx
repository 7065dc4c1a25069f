"use client"

import { useLocalStorage } from "@mantine/hooks"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { createContext, useContext, useMemo, useSyncExternalStore, type ReactNode } from "react"

interface Zone {
  /** An IANA name; undefined: the browser's own. */
  readonly name: string
  readonly utc: boolean
  readonly toggle: () => void
}

const ZoneContext = createContext<Zone>({ name: "UTC", utc: true, toggle: () => {} })
export const useZone = (): Zone => useContext(ZoneContext)

const never = () => () => {}

/** The zone in which times are shown: the viewer's own or UTC, kept in the browser and, when shared, in the URL (`tz=utc`). */
export function ZoneProvider({ children }: { children: ReactNode }) {
  const own = useSyncExternalStore(
    never,
    () => new Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => "UTC",
  )
  const [kept, keep] = useLocalStorage<"local" | "utc">({ key: "grantry-zone", defaultValue: "local" })
  const [shared, share] = useQueryState("tz", parseAsStringLiteral(["utc", "local"] as const))
  const utc = (shared ?? kept) === "utc" || own === "UTC"
  const zone = useMemo(
    () => ({
      name: utc ? "UTC" : own,
      utc,
      toggle: () => {
        keep(utc ? "local" : "utc")
        void share(utc ? null : "utc")
      },
    }),
    [utc, own, keep, share],
  )
  return <ZoneContext value={zone}>{children}</ZoneContext>
}
