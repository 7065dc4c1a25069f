import { IconActivity, IconApi, IconApps, IconLayoutDashboard, IconSettings, IconTopologyStar3, type Icon } from "@tabler/icons-react"
import type { Permission } from "../../lib/auth/permissions.ts"

export interface Place {
  readonly href: string
  readonly label: string
  readonly icon: Icon
  /** Who lacks it does not see the place. */
  readonly permission: Permission | null
  /** After `g`. */
  readonly key: string
}

export interface Part {
  readonly title: string
  readonly places: readonly Place[]
}

/** What works, and nothing else: a page joins this list when it does its job. */
export const navigation: readonly Part[] = [
  { title: "", places: [{ href: "/", label: "Overview", icon: IconLayoutDashboard, permission: null, key: "o" }] },
  {
    title: "Registry",
    places: [
      { href: "/clients", label: "Clients", icon: IconApps, permission: "registry:read", key: "c" },
      { href: "/audiences", label: "Audiences", icon: IconApi, permission: "registry:read", key: "a" },
      { href: "/grants", label: "Grants", icon: IconTopologyStar3, permission: "registry:read", key: "g" },
    ],
  },
  {
    title: "Administration",
    places: [
      { href: "/activity", label: "Activity", icon: IconActivity, permission: "trail:read", key: "y" },
      { href: "/settings", label: "Settings", icon: IconSettings, permission: "settings:read", key: "s" },
    ],
  },
]

/** `/clients` is current on `/clients/123` too; `/` only on itself. */
export const isCurrent = (href: string, path: string): boolean => (href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`))
