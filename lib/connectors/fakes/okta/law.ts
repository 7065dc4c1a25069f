/** Okta's refusals, and the little that every route reads. */
import { randomBytes } from "node:crypto"
import { isObject, type Json } from "../../../base/json.ts"
import { jsonOf, type FakeAnswer, type FakeRequest } from "../base/server.ts"
import type { Body } from "./state.ts"

export class Refused extends Error {
  readonly answer: FakeAnswer
  constructor(answer: FakeAnswer) {
    super("refused")
    this.answer = answer
  }
}

export function refusal(status: number, errorCode: string, errorSummary: string, causes: readonly string[] = []) {
  const errorId = `oae${randomBytes(8).toString("hex")}`
  const errorCauses = causes.map((one) => ({ errorSummary: one }))
  return { status, json: { errorCode, errorSummary, errorLink: errorCode, errorId, errorCauses } } satisfies FakeAnswer
}

export const invalid = (of: string, ...causes: readonly string[]) =>
  new Refused(refusal(400, "E0000001", `Api validation failed: ${of}`, causes))
export const notFound = (what: string) =>
  new Refused(refusal(404, "E0000007", `Not found: Resource not found: ${what}`))
export const forbidden = () =>
  new Refused(refusal(403, "E0000006", "You do not have permission to perform the requested action"))

export function bodyOf(request: FakeRequest): Body {
  const body = request.body === "" ? {} : jsonOf(request)
  if (isObject(body)) return body as Body
  throw new Refused(refusal(400, "E0000003", "The request body was not well-formed."))
}

export const partOf = (body: Body, name: string): Body => {
  const part = body[name]
  return isObject(part) ? (part as Body) : {}
}
export const textOf = (body: Body, name: string): string => {
  const value = body[name]
  return typeof value === "string" ? value : ""
}
export const listOf = (body: Body, name: string): readonly string[] => {
  const value = body[name]
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : []
}

/** One page with its `Link`: an opaque cursor, never a page number. */
export function paged(
  request: FakeRequest,
  items: readonly { readonly id: string; readonly json: Json }[],
  size: number,
) {
  const limit = Math.min(Number(request.query.get("limit") ?? size) || size, size)
  const after = request.query.get("after")
  const from = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1
  const page = items.slice(from, from + limit)
  const last = page.at(-1)
  const links = [`<${request.origin}${request.path}>; rel="self"`]
  if (last && from + limit < items.length) {
    const query = new URLSearchParams(request.query)
    query.set("after", last.id)
    links.push(`<${request.origin}${request.path}?${query.toString()}>; rel="next"`)
  }
  return { status: 200, headers: { link: links.join(", ") }, json: page.map(({ json }) => json) } satisfies FakeAnswer
}
