import type { ComponentProps, CSSProperties } from "react"
import classes from "./Table.module.css"

/** A table of plain elements; `data-align="right"` on a cell for numbers. `space` is above and below a cell's words, in pixels. */
export const Table = ({
  size = "sm",
  space = 7,
  className = "",
  style,
  ...rest
}: ComponentProps<"table"> & { size?: "xs" | "sm"; space?: number }) => (
  <table
    {...rest}
    className={`${classes.table} ${className}`}
    data-size={size}
    style={{ ...style, "--space": `${space}px` } as CSSProperties}
  />
)
