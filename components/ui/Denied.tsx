import { EmptyState } from "./EmptyState.tsx"

/** Never an empty list in its place: which permission is missing, and who can give it. */
export function Denied({ permission }: { permission: string }) {
  return (
    <EmptyState title="You may not see this page" order={1}>
      It needs the permission <code>{permission}</code>. An administrator can give you a role that has it, under
      Settings → Users.
    </EmptyState>
  )
}
