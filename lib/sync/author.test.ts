import { expect, test } from "vitest"
import type { AdminChange } from "../connectors/log-ports.ts"
import { grantKey } from "../connectors/objects.ts"
import { authorOf } from "./author.ts"

const change = (at: number, who: string, more: Partial<AdminChange> = {}): AdminChange => ({
  at: new Date(at).toISOString(),
  kind: null,
  key: null,
  remoteIds: [],
  actor: { id: who },
  ours: false,
  ...more,
})
const client = { kind: "client", key: "svc" } as const
const grant = { kind: "grant", key: grantKey("svc", "https://a.example") } as const
const ids = new Map([["client svc", "r1"]])

test.each([
  ["nobody, where no change names it", client, [change(1, "bob", { kind: "client", key: "other" })], null],
  [
    "by key and kind",
    client,
    [change(1, "bob", { ...client }), change(2, "eve", { ...client, kind: "audience" })],
    "bob",
  ],
  ["by remote id", client, [change(1, "bob", { remoteIds: ["r0", "r1"] })], "bob"],
  [
    "the newest, in whatever order the log comes",
    client,
    [change(1, "bob", client), change(3, "eve", client), change(2, "joe", client)],
    "eve",
  ],
  ["never ourselves", client, [change(1, "bob", client), change(2, "us", { ...client, ours: true })], "bob"],
  ["a grant itself before its ends", grant, [change(1, "bob", grant), change(2, "eve", client)], "bob"],
  ["an end of a grant, by key or by id", grant, [change(1, "bob", { remoteIds: ["r1"] })], "bob"],
  [
    "the newest of both ends",
    grant,
    [change(1, "bob", client), change(2, "eve", { kind: "audience", key: "https://a.example" })],
    "eve",
  ],
  ["an end is no reason to blame for the other way round", client, [change(1, "bob", grant)], null],
])("%s", (_name, found, changes, who) => {
  expect(authorOf(found, changes, ids)?.id ?? null).toBe(who)
})
