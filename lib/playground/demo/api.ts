import { z } from "zod"

/** Grantry's public API, handed in. `path` begins with `/api/v1`; the body is JSON on both sides. */
export type ApiCaller = (
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
) => Promise<ApiAnswer>
export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
}

/** The demo cannot go on by itself now; the message is for a person, and trying again later may help. */
export class DemoStopped extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.name = "DemoStopped"
    this.code = code
  }
}

const problem = z.object({ code: z.string(), detail: z.string().optional() })
export const codeOf = (answer: ApiAnswer): string =>
  problem.safeParse(answer.body).data?.code ?? `http_${answer.status}`

/** Throws `DemoStopped` with the API's own code: an answer that this step cannot use. */
export function unexpected(step: string, answer: ApiAnswer): never {
  const detail = problem.safeParse(answer.body).data?.detail
  throw new DemoStopped(codeOf(answer), `${step}: ${detail ?? `the API answered ${answer.status}`}`)
}

/** The body of an expected answer, in the shape that this step needs. */
export function take<T>(step: string, answer: ApiAnswer, statuses: readonly number[], shape: z.ZodType<T>): T {
  if (!statuses.includes(answer.status)) unexpected(step, answer)
  const parsed = shape.safeParse(answer.body)
  if (!parsed.success) throw new DemoStopped("bad_answer", `${step}: the API answered in another shape`)
  return parsed.data
}

const page = z.object({ items: z.array(z.unknown()), next: z.string().nullable() })

/** Every item of a list, page after page. */
export async function listAll<T>(call: ApiCaller, path: string, item: z.ZodType<T>): Promise<T[]> {
  const found: T[] = []
  let cursor: string | null = ""
  while (cursor !== null) {
    const joint = path.includes("?") ? "&" : "?"
    const more: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`
    const { items, next } = take(`list ${path}`, await call("GET", `${path}${joint}limit=200${more}`), [200], page)
    found.push(...items.map((one) => item.parse(one)))
    cursor = next
  }
  return found
}
