import { expect, test } from "vitest"
import { stretches, visibleJson } from "./marks.ts"

const joined = (text: string) =>
  stretches(text)
    .map((s) => (s.mark ? `<${s.text}>` : s.text))
    .join("")

test.each([
  ["plain text stays", "plain text stays"],
  ["gpj\u202etxt.exe", "gpj<U+202E>txt.exe"],
  ["red\u001b[31m", "red<U+001B>[31m"],
  ["a\r\nb", "a<U+000D><U+000A>b"],
  ["x\u2028y\u200bz", "x<U+2028>y<U+200B>z"],
  ["tag\u{e0041}", "tag<U+E0041>"],
  ["lone\ud800", "lone<U+D800>"],
  ["👩‍💻 Ærø 東京".replace("\u200d", ""), "👩💻 Ærø 東京"],
  ["", ""],
])("%j is shown as %j", (text, shown) => expect(joined(text)).toBe(shown))

test("no raw control or bidi character is left in shown JSON, and it reads back as the same value", () => {
  const value = { name: "a\u0000\u202e\u2028\u{e0041}b", list: ["\u0085"] }
  const text = visibleJson(value)
  expect(JSON.parse(text)).toEqual(value)
  expect(text.replaceAll("\n", "")).toMatch(/^[\x20-\x7e]*$/)
})
