import { parseDocument, stringify } from "yaml"
import { Refused } from "../../base/errors.ts"
import type { RegistryDocument } from "./document.ts"

export type Notation = "json" | "yaml"

/** What the caller sends or wants, by `format`, else by media type. YAML 1.2 reads JSON too, so it is taken where nothing is said. */
export function notationOf(format: string | undefined, mediaType: string | null, otherwise: Notation): Notation {
  if (format === "json" || format === "yaml") return format
  const type = mediaType ?? ""
  if (type.includes("yaml")) return "yaml"
  return type.includes("json") ? "json" : otherwise
}

export const printDocument = (document: RegistryDocument, notation: Notation): string =>
  notation === "json" ? JSON.stringify(document) : stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })

/** Parses text to plain data. No aliases (a few lines of them can stand for gigabytes), no repeated keys. Throws Refused 400. */
export function parseText(text: string, notation: Notation): unknown {
  const refuse = (why: string, cause?: unknown) =>
    new Refused(notation === "json" ? "bad_json" : "bad_yaml", why, {
      status: 400,
      ...(cause === undefined ? {} : { cause }),
    })
  if (notation === "json") {
    try {
      return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value))
    } catch (error) {
      throw refuse("The body is not JSON.", error)
    }
  }
  const parsed = parseDocument(text, { schema: "core", uniqueKeys: true, strict: true })
  const [first] = parsed.errors
  if (first) throw refuse(`The body is not YAML: ${first.message.split("\n")[0]}`)
  try {
    return parsed.toJS({ maxAliasCount: 0 }) as unknown
  } catch (error) {
    throw refuse("The body is not YAML that is taken here: aliases are not.", error)
  }
}
