import type { ReactNode } from "react"
import classes from "./door.module.css"

export const dynamic = "force-dynamic"

/** Pages outside the console: sign-in, first set-up, new password. */
export default function DoorLayout({ children }: { children: ReactNode }) {
  return (
    <main className={classes.door}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden>
            <rect width="32" height="32" rx="7" fill="#1a6b7a" />
            <path
              d="M21.5 12.2A7 7 0 1 0 23 16h-6"
              fill="none"
              stroke="#fff"
              strokeWidth="2.6"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
            <circle cx="23.2" cy="9" r="2.2" fill="#fff" />
          </svg>
          Grantry
        </div>
        {children}
      </div>
    </main>
  )
}
