import type { Metadata } from "next"
import { NewPassword } from "../../../components/door/NewPassword.tsx"

export const metadata: Metadata = { title: "New password" }

export default function PasswordPage() {
  return <NewPassword />
}
