import { ColorSchemeScript, mantineHtmlProps } from "@mantine/core"
import type { Metadata, Viewport } from "next"
import localFont from "next/font/local"
import { headers } from "next/headers"
import type { ReactNode } from "react"
import { Providers } from "../components/providers.tsx"
import "./styles.css"

const sans = localFont({ src: "./fonts/inter.woff2", variable: "--font-sans", weight: "100 900", display: "swap" })
const mono = localFont({
  src: "./fonts/jetbrains-mono.woff2",
  variable: "--font-mono",
  weight: "100 800",
  display: "swap",
  preload: false,
})

export const metadata: Metadata = {
  title: { default: "Grantry", template: "%s · Grantry" },
  icons: { icon: "/icon.svg" },
}
export const viewport: Viewport = { colorScheme: "light dark", width: "device-width", initialScale: 1 }

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? ""
  return (
    <html lang="en" {...mantineHtmlProps} className={`${sans.variable} ${mono.variable}`}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={nonce} suppressHydrationWarning />
      </head>
      <body>
        <Providers nonce={nonce}>{children}</Providers>
      </body>
    </html>
  )
}
