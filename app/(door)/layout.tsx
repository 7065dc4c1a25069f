import type { ReactNode } from "react"
import { Logo } from "../../components/ui/Logo.tsx"
import classes from "./door.module.css"

export const dynamic = "force-dynamic"

/** Pages outside the console: sign-in, first set-up, new password. */
export default function DoorLayout({ children }: { children: ReactNode }) {
  return (
    <main className={classes.door}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Logo size={28} />
          Grantry
        </div>
        {children}
      </div>
    </main>
  )
}
