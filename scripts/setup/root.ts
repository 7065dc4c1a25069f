import { fileURLToPath } from "node:url"

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")

/** The Node that everything runs on: the one that runs this file. */
export const pinned = process.execPath
