import {
  IconActivity,
  IconApi,
  IconApps,
  IconBug,
  IconChartHistogram,
  IconGitCompare,
  IconLayoutDashboard,
  IconListSearch,
  IconRefresh,
  IconServer2,
  IconSettings,
  IconTopologyStar3,
  type Icon,
} from "@tabler/icons-react"
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
    title: "Providers",
    places: [
      { href: "/providers", label: "Providers", icon: IconServer2, permission: "providers:read", key: "p" },
      { href: "/plans", label: "Plans", icon: IconGitCompare, permission: "plans:read", key: "l" },
      { href: "/rotations", label: "Rotations", icon: IconRefresh, permission: "rotations:read", key: "r" },
    ],
  },
  {
    title: "Events",
    places: [
      { href: "/audit", label: "Audit", icon: IconListSearch, permission: "events:read", key: "e" },
      { href: "/insights", label: "Insights", icon: IconChartHistogram, permission: "events:read", key: "i" },
      { href: "/debugger", label: "Debugger", icon: IconBug, permission: "tokens:inspect", key: "d" },
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
export const isCurrent = (href: string, path: string): boolean =>
  href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`)
