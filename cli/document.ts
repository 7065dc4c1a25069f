import { extname } from "node:path"
import { LineCounter, parseDocument } from "yaml"
import { Refusal } from "./api.ts"
import { Ends } from "./ending.ts"
import type { World } from "./world.ts"

export interface DocumentFile {
  readonly path: string
  readonly text: string
  readonly type: "application/json" | "application/yaml"
}

/** Reads a registry file: JSON by its ending, else YAML; `-` is standard input. */
export async function readDocumentFile(world: World, path: string): Promise<DocumentFile> {
  const type = extname(path) === ".json" ? "application/json" : "application/yaml"
  try {
    return { path, text: await world.readFile(path), type }
  } catch (error) {
    throw new Ends("usage", `${path} cannot be read: ${why(error)}`)
  }
}

export async function writeDocumentFile(world: World, path: string, text: string): Promise<void> {
  try {
    await world.writeFile(path, text)
  } catch (error) {
    throw new Ends("usage", `${path} cannot be written: ${why(error)}`)
  }
}

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A refusal with, for each unusable field, the line of the file on which it stands. Anything else as it is. */
export function placed(error: unknown, { path, text }: DocumentFile): unknown {
  if (!(error instanceof Refusal) || error.problem.errors === undefined) return error
  const lines = new LineCounter()
  const parsed = parseDocument(text, { lineCounter: lines, keepSourceTokens: false })
  const errors = error.problem.errors.map((one) => ({ ...one, line: lineOf(one.path) }))
  return new Ends(
    error.ending,
    errors.map(({ line, path: field, message }) => told(path, line, field, message)).join("\n"),
    { code: error.problem.code, errors },
  )

  /** Of the nearest thing above it that stands in the file: what is missing has no line of its own. */
  function lineOf(dotted: string): number | null {
    const parts = dotted.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part))
    for (let length = parts.length; length > 0; length--) {
      const node = parsed.getIn(parts.slice(0, length), true)
      const range: unknown = node instanceof Object && "range" in node ? node.range : null
      if (Array.isArray(range) && typeof range[0] === "number") return lines.linePos(range[0]).line
    }
    return null
  }
}

/** As compilers say it, so that editors find the place. What is not in the file (an option) has none. */
const told = (file: string, line: number | null, field: string, message: string): string =>
  line === null ? `${field || file}: ${message}` : `${file}:${line}: ${field}: ${message}`
