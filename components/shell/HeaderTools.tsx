"use client"

import { ActionIcon, Button, Group, Kbd, Text, useMantineColorScheme } from "@mantine/core"
import { useLocalStorage } from "@mantine/hooks"
import {
  IconClock,
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconPassword,
  IconSearch,
  IconSun,
  IconUserCircle,
  IconWorldOff,
} from "@tabler/icons-react"
import dynamic from "next/dynamic"
import { useState } from "react"
import { api } from "../api.ts"
import { keysSetting } from "../ui/keys.ts"
import { Menu, MenuDivider, MenuItem, MenuLabel } from "../ui/Menu.tsx"
import { saidError } from "../ui/notify.tsx"
import { Tip } from "../ui/Tip.tsx"
import { useModKey } from "../ui/useModKey.ts"
import { useZone } from "../ui/zone.tsx"
import { leave } from "./session.ts"
import { useViewer } from "./viewer.tsx"

const ChangePassword = dynamic(() => import("./ChangePassword.tsx").then((m) => m.ChangePassword), { ssr: false })

/** Right side of the header: palette, zone, theme, the user's menu. */
export function HeaderTools({ openPalette, openHelp }: { openPalette: () => void; openHelp: () => void }) {
  const zone = useZone()
  const modKey = useModKey()
  return (
    <Group gap={6} wrap="nowrap">
      <Button
        variant="default"
        onClick={openPalette}
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={<Kbd size="xs">{modKey === "⌘" ? "⌘K" : "Ctrl K"}</Kbd>}
        visibleFrom="xs"
        fw={400}
        c="dimmed"
      >
        Search or go to
      </Button>
      <Tip label={zone.utc ? "Times are in UTC. Show them in my zone" : `Times are in ${zone.name}. Show them in UTC`}>
        <Button
          variant="subtle"
          color="gray"
          c="dimmed"
          px={8}
          leftSection={<IconClock size={14} aria-hidden />}
          onClick={zone.toggle}
          aria-label={`Times are in ${zone.name}; switch`}
          suppressHydrationWarning
        >
          {zone.name}
        </Button>
      </Tip>
      <ThemeMenu />
      <UserMenu openHelp={openHelp} />
    </Group>
  )
}

function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const mark = (scheme: string) =>
    colorScheme === scheme ? (
      <Text span size="xs" c="dimmed">
        now
      </Text>
    ) : null
  return (
    <Menu
      width={160}
      button={(opener) => (
        <ActionIcon {...opener} variant="subtle" color="gray" size={30} aria-label="Theme">
          <IconSun size={17} aria-hidden />
        </ActionIcon>
      )}
    >
      <MenuItem
        icon={<IconDeviceDesktop size={15} aria-hidden />}
        right={mark("auto")}
        onClick={() => setColorScheme("auto")}
      >
        System
      </MenuItem>
      <MenuItem icon={<IconSun size={15} aria-hidden />} right={mark("light")} onClick={() => setColorScheme("light")}>
        Light
      </MenuItem>
      <MenuItem icon={<IconMoon size={15} aria-hidden />} right={mark("dark")} onClick={() => setColorScheme("dark")}>
        Dark
      </MenuItem>
    </Menu>
  )
}

function UserMenu({ openHelp }: { openHelp: () => void }) {
  const viewer = useViewer()
  const [password, setPassword] = useState(false)
  const [keys, setKeys] = useLocalStorage<string>({
    key: keysSetting,
    defaultValue: "on",
    serialize: (v) => v,
    deserialize: (v) => v ?? "on",
  })
  const everywhere = async () => {
    try {
      await api("/me/sign-out-everywhere", { method: "POST" })
      await leave()
    } catch (error) {
      saidError(error)
    }
  }
  return (
    <>
      <Menu
        width={240}
        button={(opener) => (
          <ActionIcon {...opener} variant="subtle" color="gray" size={30} aria-label="Your account">
            <IconUserCircle size={19} aria-hidden />
          </ActionIcon>
        )}
      >
        <MenuLabel>{viewer.name}</MenuLabel>
        <MenuItem icon={<IconPassword size={15} aria-hidden />} onClick={() => setPassword(true)}>
          Change password
        </MenuItem>
        <MenuItem icon={<IconKeyboard size={15} aria-hidden />} onClick={openHelp}>
          Keys
        </MenuItem>
        <MenuItem icon={<IconKeyboard size={15} aria-hidden />} onClick={() => setKeys(keys === "off" ? "on" : "off")}>
          {keys === "off" ? "Switch single-letter keys on" : "Switch single-letter keys off"}
        </MenuItem>
        <MenuDivider />
        <MenuItem icon={<IconLogout size={15} aria-hidden />} onClick={() => void leave().catch(saidError)}>
          Sign out
        </MenuItem>
        <MenuItem icon={<IconWorldOff size={15} aria-hidden />} onClick={() => void everywhere()}>
          Sign out everywhere
        </MenuItem>
      </Menu>
      {password && <ChangePassword onClose={() => setPassword(false)} />}
    </>
  )
}
