import {
  type PathLike,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { publish } from "./publish.ts"

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "grantry-publish-"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(root, name)
  mkdirSync(path)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
  return path
}
const read = (path: string, file: string) => readFileSync(join(path, file), "utf8")

test("a draft becomes the folder, and nothing of the draft stays", async () => {
  const draft = folder("draft", { marker: "mine", data: "whole" })
  const place = join(root, "place")
  await publish(draft, place, "marker")
  expect([read(place, "marker"), read(place, "data"), existsSync(draft)]).toEqual(["mine", "whole", false])
})

test("what a killed process left half is replaced", async () => {
  const draft = folder("draft", { marker: "mine" })
  const place = folder("place", { data: "ha" })
  await publish(draft, place, "marker")
  expect([read(place, "marker"), existsSync(join(place, "data"))]).toEqual(["mine", false])
})

test("where another process was faster its folder stays as it is, and the draft goes", async () => {
  const draft = folder("draft", { marker: "mine" })
  const place = folder("place", { marker: "theirs", data: "whole" })
  await publish(draft, place, "marker")
  expect([read(place, "marker"), read(place, "data"), existsSync(draft)]).toEqual(["theirs", "whole", false])
})

test("a slower process that found a half folder does not remove the whole one that took its place meanwhile", async () => {
  const draft = folder("draft", { marker: "mine" })
  const place = folder("place", { data: "ha" })
  const theirs = folder("theirs", { marker: "theirs", data: "whole" })
  const looking = (path: PathLike) => {
    const found = existsSync(path)
    if (existsSync(theirs)) {
      rmSync(place, { recursive: true })
      renameSync(theirs, place)
    }
    return found
  }
  await publish(draft, place, "marker", looking)
  expect([read(place, "marker"), read(place, "data"), readdirSync(root)]).toEqual(["theirs", "whole", ["place"]])
})

test.each(["nothing", "what a killed process left half"])(
  "of many who publish at once over %s one wins whole, and nobody fails",
  async (before) => {
    const place = join(root, "place")
    if (before !== "nothing") {
      folder("place", {})
      for (let i = 0; i < 200; i++) writeFileSync(join(place, `half-${i}`), "ha")
    }
    const drafts = Array.from({ length: 8 }, (_, i) => folder(`draft-${i}`, { marker: `${i}`, data: `${i}` }))
    await Promise.all(drafts.map((draft) => publish(draft, place, "marker")))
    expect(readdirSync(root)).toEqual(["place"])
    expect(readdirSync(place).sort()).toEqual(["data", "marker"])
    expect(read(place, "data")).toBe(read(place, "marker"))
  },
)

test("a folder that cannot be put in its place is an error, and its draft does not stay behind", async () => {
  const draft = folder("draft", { marker: "mine" })
  await expect(publish(draft, join(root, "no", "such", "place"), "marker")).rejects.toMatchObject({ code: "ENOENT" })
  expect(existsSync(draft)).toBe(false)
})
