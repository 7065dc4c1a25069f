"use client"

import { Box } from "@mantine/core"
import { Copy } from "./Copy.tsx"
import classes from "./CodeBlock.module.css"

/** Code or a command line, as text, with its copy button. Long lines scroll; the block can be reached by keyboard for that. */
export function CodeBlock({ code, label, copy = true }: { code: string; label: string; copy?: boolean }) {
  return (
    <Box className={classes.block}>
      <pre className={classes.code} tabIndex={0} role="region" aria-label={label}>
        <code>{code}</code>
      </pre>
      {copy && (
        <span className={classes.copy}>
          <Copy value={code} label={label} />
        </span>
      )}
    </Box>
  )
}
