import type { NextRequest } from "next/server"
import { Refused } from "../base/errors.ts"

const bytesMax = 1_000_000
const depthMax = 32

/** Reads a JSON body of at most 1 MB. An empty body is `undefined` and needs no Content-Type. */
export async function readJson(request: NextRequest, via: "bearer" | "cookie"): Promise<unknown> {
  const text = await readText(request, bytesMax)
  if (text === "") return undefined
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? ""
  const json = type === "application/json" || type.endsWith("+json")
  if (!json && (via === "cookie" || type !== ""))
    throw new Refused("unsupported_type", "Send JSON with Content-Type: application/json.", { status: 415 })
  if (tooDeep(text))
    throw new Refused("too_deep", `JSON may be nested ${depthMax} levels deep at most.`, { status: 422 })
  try {
    return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value))
  } catch {
    throw new Refused("bad_json", "The body is not JSON.", { status: 400 })
  }
}

export async function readText(request: Request, max: number): Promise<string> {
  if (!request.body) return ""
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    total += chunk.byteLength
    if (total > max) throw new Refused("too_large", `The body may have ${max} bytes at most.`, { status: 413 })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** Counts brackets outside of strings, before the parser's recursion does. */
function tooDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === 92) i++
      else if (c === 34) inString = false
    } else if (c === 34) inString = true
    else if (c === 91 || c === 123) {
      if (++depth > depthMax) return true
    } else if (c === 93 || c === 125) depth--
  }
  return false
}
