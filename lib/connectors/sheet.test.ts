import { describe, expect, test } from "vitest"
import { z } from "zod"
import { localSettings } from "./local/shapes.ts"
import { openLocal } from "./local/local.ts"
import type { ProviderKind } from "./kind.ts"
import { kinds } from "./kinds.ts"
import { portNames, sheetOf } from "./sheet.ts"

describe.each(kinds.map((kind) => [kind.kind, kind] as const))("the sheet of %s", (_, kind) => {
  test("says of every port what it offers, or why there is none and where that is written", () => {
    const { ports } = sheetOf(kind)
    expect(ports.map(({ name }) => name)).toEqual(portNames)
    for (const { name, can, why, source } of ports) {
      expect(why, name).toMatch(/^\S.*[.!]$/s)
      expect(can ? source === null : (source ?? "").length > 0, name).toBe(true)
    }
  })

  test("has every secret among its fields, and a sentence of help at each field", () => {
    const { fields } = sheetOf(kind)
    expect(
      fields
        .filter(({ secret }) => secret)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...kind.secrets].sort())
    expect(fields.filter(({ description }) => description === "")).toEqual([])
  })

  test("says what was tried and when", () => {
    const { verified, versions, mapping } = sheetOf(kind)
    expect(versions).toMatch(/\S/)
    expect(mapping.length).toBeGreaterThan(0)
    expect(verified.length).toBeGreaterThan(0)
    for (const { on } of verified) expect(on).toMatch(/^\d{4}-\d{2}-\d{2}$/)
  })
})

const kindWith = (settings: z.ZodObject): ProviderKind => {
  const known = kinds.find(({ kind }) => kind === "local")
  if (!known) throw new Error("no local kind")
  const local = localSettings.parse({ issuer: "https://idp.example.com", admin_token: "x" })
  return { ...known, secrets: [], settings, open: (opened) => openLocal({ ...opened, settings: local }) }
}

test("a field that takes a key or a certificate has lines; a choice has its words and its fallback", () => {
  const { fields } = sheetOf(
    kindWith(
      z.object({
        private_key_jwk: z.string(),
        grpc_ca: z.string().optional(),
        secret_access_key: z.string(),
        mode: z.enum(["one", "two"]).default("two"),
      }),
    ),
  )
  expect(fields.map(({ name, lines }) => [name, lines])).toEqual([
    ["private_key_jwk", true],
    ["grpc_ca", true],
    ["secret_access_key", false],
    ["mode", false],
  ])
  expect(fields[3]).toMatchObject({ choices: ["one", "two"], fallback: "two", required: false })
})

test("where the needed settings alone do not do, all are taken; where none do, it says which kind", () => {
  const two = z.object({ a: z.string().optional(), b: z.string().optional() })
  expect(sheetOf(kindWith(two.refine((s) => s.a !== undefined))).ports[0]?.can).toBe(true)
  expect(() => sheetOf(kindWith(two.refine(() => false)))).toThrow("kind local")
})
