import { Missing } from "../components/ui/Missing.tsx"
import { pageActor } from "../lib/web/page.ts"
import { ConsoleShell } from "./shell.tsx"

/** An address that no page has: the navigation stays for whoever is signed in. */
export default async function NoSuchPage() {
  const actor = await pageActor()
  return actor ? (
    <ConsoleShell actor={actor}>
      <Missing />
    </ConsoleShell>
  ) : (
    <main>
      <Missing />
    </main>
  )
}
