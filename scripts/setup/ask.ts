import { createInterface } from "node:readline/promises"

/** Where a person may answer. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

/** What a person answers, without spaces around it. Null when they left instead: Ctrl-C, Ctrl-D, or a terminal that went away. */
export async function ask(question: string, { input, output }: Terminal): Promise<string | null> {
  const lines = createInterface({ input, output })
  const left = new AbortController()
  lines.once("close", () => left.abort())
  const answer = await lines.question(question, { signal: left.signal }).catch(() => null)
  lines.close()
  if (answer === null) output.write("\n")
  return answer?.trim() ?? null
}
