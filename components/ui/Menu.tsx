"use client"

import { createContext, useContext, type CSSProperties, type KeyboardEvent, type ReactNode } from "react"
import { Floating, useOpener, type Opener } from "./Floating.tsx"
import classes from "./Menu.module.css"
import { moved } from "./moved.ts"
import type { Align } from "./place.ts"

const CloseContext = createContext<() => void>(() => {})

/** A button and its menu, by the WAI-ARIA pattern: arrows, `Home`, `End` and first letters move, `Esc` and `Tab` close. */
export function Menu({
  align = "end",
  width,
  button,
  children,
}: {
  align?: Align
  width: number
  button: (opener: Opener) => ReactNode
  children: ReactNode
}) {
  const { open, opener, surface } = useOpener("menu", '[role="menuitem"]')
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === "Tab") {
      surface.close()
      return
    }
    const all = items(event.currentTarget)
    const words = all.map((item) => item.textContent ?? "")
    const to = moved(
      event,
      all.findIndex((item) => item === document.activeElement),
      words,
    )
    if (to === null) return
    event.preventDefault()
    all[to]?.focus()
  }
  return (
    <>
      {button(opener)}
      {open && (
        <Floating {...surface} aria-labelledby={opener.id} align={align} width={width} onKeyDown={onKeyDown}>
          <CloseContext value={surface.close}>{children}</CloseContext>
        </Floating>
      )}
    </>
  )
}

const items = (menu: HTMLElement | null): readonly HTMLElement[] => [
  ...(menu?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? []),
]

interface ItemProps {
  readonly icon?: ReactNode
  readonly right?: ReactNode
  readonly style?: CSSProperties
  /** Where the words are not shown. */
  readonly label?: string
  readonly children?: ReactNode
}

const Inside = ({ icon, right, children }: ItemProps) => (
  <>
    {icon}
    {children && <span className={classes.words}>{children}</span>}
    {right}
  </>
)

/** Closes the menu and acts; a dialog that it opens finds the focus on the menu's button, and gives it back there. */
export function MenuItem({ onClick, label, style, ...inside }: ItemProps & { onClick: () => void }) {
  const close = useContext(CloseContext)
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={classes.item}
      style={style}
      aria-label={label}
      title={label}
      onClick={() => {
        close()
        onClick()
      }}
      onMouseMove={(event) => event.currentTarget.focus({ preventScroll: true })}
    >
      <Inside {...inside} />
    </button>
  )
}

/** A file to save. */
export function MenuDownload({ href, ...inside }: ItemProps & { href: string }) {
  const close = useContext(CloseContext)
  return (
    <a
      role="menuitem"
      tabIndex={-1}
      className={classes.item}
      href={href}
      download
      onClick={close}
      onMouseMove={(event) => event.currentTarget.focus({ preventScroll: true })}
    >
      <Inside {...inside} />
    </a>
  )
}

export const MenuLabel = ({ children }: { children: ReactNode }) => <div className={classes.label}>{children}</div>

export const MenuDivider = () => <hr className={classes.divider} />
