import type { NextRequest } from "next/server"
import { notationOf, parseText, type Notation } from "../registry/document/text.ts"
import { readText } from "./body.ts"

/** Some fifty thousand clients. */
const bytesMax = 32_000_000

/** The registry document of a body, in the notation of `format`, else of its Content-Type, else YAML. Refused 400, 413. */
export const readRegistryDocument = async (request: NextRequest, format: Notation | undefined): Promise<unknown> =>
  parseText(await readText(request, bytesMax), notationOf(format, request.headers.get("content-type"), "yaml"))
