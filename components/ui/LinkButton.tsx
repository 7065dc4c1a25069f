"use client"

import { Button, type ButtonProps } from "@mantine/core"
import Link from "next/link"
import type { ReactNode } from "react"

/** A link that looks like a button; server components can render it. */
export const LinkButton = ({ href, children, ...rest }: ButtonProps & { href: string; children: ReactNode }) => (
  <Button component={Link} href={href} {...rest}>
    {children}
  </Button>
)
