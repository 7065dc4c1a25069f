import { expect, test } from "vitest"
import { deletePhrase } from "./confirm.ts"
import { plain, printPreview, summary } from "./print.ts"
import type { Preview } from "./shapes.ts"

const change = (verb: "create" | "update" | "delete", key: string, more: object = {}) => ({
  verb,
  kind: "client",
  key,
  fields: [],
  provider_id: "p",
  needs_confirmation: verb === "delete",
  ...more,
})
const preview = (more: Partial<Preview>): Preview => ({
  etag: '"e"',
  registry: [],
  providers: [{ id: "p", name: "host" }],
  changes: [],
  kept: [],
  deletes_limit: 5,
  ...more,
})

test("deletes stand first, widened grants say why, and what is left alone says why", () => {
  const text = printPreview(
    preview({
      registry: [change("update", "orders", { fields: [{ field: "owner", from: "a", to: "b" }] })],
      changes: [
        change("create", "new"),
        change("update", "wide", { projection: { is: "widened", why: "One list for all APIs." } }),
        change("delete", "old"),
      ],
      kept: [
        { kind: "client", key: "moved", code: "drift", why: "Drift: name.", provider_id: "p" },
        { kind: "client", key: "theirs", code: "not_ours", why: "Not ours.", provider_id: "p" },
      ],
    }),
  )
  expect(text.split("\n")).toEqual([
    "Registry",
    "  ~ update client orders",
    '      owner: "a" → "b"',
    "",
    "Provider host",
    "  - delete client old",
    "  + create client new",
    "  ~ update client wide",
    "      widened: One list for all APIs.",
    "  = kept client moved: Drift: name.",
    "  = 1 object is not ours and left alone",
    "",
    "1 change in the registry, 3 changes on providers, 1 of them deletes.",
  ])
})

test.each([
  [[], [], null],
  [[change("delete", "a")], [change("delete", "a")], "delete client a"],
  [[change("delete", "a")], [change("delete", "b"), change("create", "c")], "delete 2"],
])("%j and %j are deleted by typing %j", (registry, changes, phrase) =>
  expect(deletePhrase({ registry, changes })).toBe(phrase),
)

test("a name from elsewhere moves no cursor and hides nothing", () => {
  const evil = "a\u001b[2K\r\n\u202eb"
  expect(plain(evil)).toBe("a\ufffd[2K\ufffd\ufffd\ufffdb")
  const text = printPreview(preview({ changes: [change("create", evil)], kept: [{ ...kept, key: evil, why: evil }] }))
  expect(text).not.toMatch(/[\u001b\r\u202e]/)
})

const kept = { kind: "client", key: "k", code: "drift", why: "w", provider_id: "p" }

test("no change is said in two words", () => expect(summary(preview({}))).toBe("No changes."))
