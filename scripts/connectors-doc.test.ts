import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { kinds } from "../lib/connectors/kinds.ts"
import { sheetOf } from "../lib/connectors/sheet.ts"
import { connectorsDoc } from "./connectors-doc.ts"

test("docs/connectors.md says what the declarations say (else: node scripts/connectors-doc.ts)", () => {
  expect(readFileSync(new URL("../docs/connectors.md", import.meta.url), "utf8")).toBe(
    connectorsDoc(kinds.map(sheetOf)),
  )
})

test("a reason why not stands with its source, and no text of a declaration breaks its table", () => {
  const [known] = kinds
  if (!known) throw new Error("no kind")
  const page = connectorsDoc([
    {
      ...sheetOf(known),
      title: "Some server",
      mapping: [{ ours: "one | two", theirs: "line\nbreak", why: "Because." }],
      ports: [{ name: "secrets", can: false, why: "It keeps none.", source: "its manual", detail: {}, facts: [] }],
    },
  ])
  expect(page).toContain("- **Secrets.** Not possible: It keeps none. (its manual)")
  expect(page).toContain("| one \\| two | line break | Because. |")
  expect(page).toContain("[Some server](#some-server)")
})
