import type { Metadata } from "next"
import { NewPassword } from "../../../components/door/NewPassword.tsx"

export const metadata: Metadata = { title: "New password" }

export default async function PasswordPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const { token } = await searchParams
  return <NewPassword token={typeof token === "string" ? token : ""} />
}
