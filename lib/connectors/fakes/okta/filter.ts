import { isObject } from "../../../base/json.ts"
import type { Body } from "./state.ts"

type Test = (event: Body) => boolean

const token = /\s*(\(|\)|"[^"]*"|[\w.]+)/y

/** Okta's filter language as far as `eq`, `sw`, `and`, `or` and brackets. Null: this is none. */
export function filterOf(text: string): Test | null {
  if (text === "") return () => true
  const words: string[] = []
  token.lastIndex = 0
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    words.push(found[1] ?? "")
    if (token.lastIndex === text.length) break
  }
  let at = 0
  const any = (): Test | null =>
    joined(
      "or",
      () => joined("and", one, (a, b) => a && b),
      (a, b) => a || b,
    )
  const test = any()
  return at === words.length ? test : null

  function joined(word: string, part: () => Test | null, both: (a: boolean, b: boolean) => boolean): Test | null {
    let left = part()
    while (words[at] === word) {
      at += 1
      const right = part()
      const before = left
      left = before && right ? (event) => both(before(event), right(event)) : null
    }
    return left
  }

  function one(): Test | null {
    if (words[at] === "(") {
      at += 1
      const inner = any()
      at += 1
      return inner
    }
    const [path = "", operator, value = ""] = words.slice(at, at + 3)
    at += 3
    if (!value.startsWith('"') || (operator !== "eq" && operator !== "sw")) return null
    const wanted = value.slice(1, -1)
    return (event) => {
      const found = valueAt(event, path)
      return operator === "eq" ? found === wanted : found.startsWith(wanted)
    }
  }
}

function valueAt(event: Body, path: string): string {
  let here: unknown = event
  for (const name of path.split(".")) here = isObject(here) ? here[name] : undefined
  return typeof here === "string" ? here : ""
}
