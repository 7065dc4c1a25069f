/** A value held against the vendor's API model: required members, types, lengths, patterns, enumerations, unknown members. */
import { z } from "zod"
import { isObject } from "../../base/json.ts"

const reference = z.object({ shape: z.string() })
const shape = z.object({
  type: z.string(),
  required: z.array(z.string()).optional(),
  members: z.record(z.string(), reference).optional(),
  member: reference.optional(),
  key: reference.optional(),
  value: reference.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.string()).optional(),
  exception: z.boolean().optional(),
})
type Shape = z.output<typeof shape>

const document = z.object({
  metadata: z.object({ targetPrefix: z.string() }),
  operations: z.record(
    z.string(),
    z.object({ input: reference.optional(), output: reference.optional(), errors: z.array(reference).optional() }),
  ),
  shapes: z.record(z.string(), shape),
})

export interface ApiModel {
  readonly targetPrefix: string
  readonly operations: readonly string[]
  /** Every pattern of the model that this engine cannot compile. */
  readonly uncompiled: readonly string[]
  /** What is wrong with an input, a sentence each. */
  input(operation: string, body: unknown): readonly string[]
  output(operation: string, body: unknown): readonly string[]
  /** Does the operation name this exception? */
  names(operation: string, exception: string): boolean
}

export function apiModelOf(text: string): ApiModel {
  const { metadata, operations, shapes } = document.parse(JSON.parse(text))
  const known = (operation: string) => {
    const found = operations[operation]
    if (!found) throw new Error(`the model has no operation ${operation}`)
    return found
  }
  const judge = (name: string, value: unknown, at: string): readonly string[] => {
    const one = shapes[name]
    if (!one) return [`${at}: the model has no shape ${name}`]
    if (one.type === "structure") return structure(one, value, at)
    if (one.type === "list")
      return Array.isArray(value)
        ? [
            ...length(one, value.length, at),
            ...value.flatMap((item, i) => judge(one.member?.shape ?? "", item, `${at}.${i}`)),
          ]
        : [`${at} is no list`]
    if (one.type === "map")
      return isObject(value)
        ? Object.entries(value).flatMap(([key, item]) => judge(one.value?.shape ?? "", item, `${at}.${key}`))
        : [`${at} is no map`]
    return scalar(one, value, at)
  }
  const structure = (one: Shape, value: unknown, at: string): readonly string[] => {
    if (!isObject(value)) return [`${at} is no structure`]
    const members = one.members ?? {}
    return [
      ...(one.required ?? []).filter((name) => value[name] === undefined).map((name) => `${at}.${name} is missing`),
      ...Object.entries(value).flatMap(([name, item]) => {
        const member = members[name]
        return member === undefined ? [`${at}.${name} is not in the model`] : judge(member.shape, item, `${at}.${name}`)
      }),
    ]
  }
  const judged = (of: { readonly shape: string } | undefined, body: unknown) =>
    of === undefined
      ? isObject(body) && Object.keys(body).length === 0
        ? []
        : ["$ should be empty"]
      : judge(of.shape, body, "$")
  return {
    targetPrefix: metadata.targetPrefix,
    operations: Object.keys(operations),
    uncompiled: Object.values(shapes).flatMap(({ pattern }) =>
      pattern === undefined || whole(pattern) !== null ? [] : [pattern],
    ),
    input: (operation, body) => judged(known(operation).input, body),
    output: (operation, body) => judged(known(operation).output, body),
    names: (operation, exception) => (known(operation).errors ?? []).some((error) => error.shape === exception),
  }
}

function scalar({ type, min, max, pattern, enum: words }: Shape, value: unknown, at: string): readonly string[] {
  if (type === "boolean") return typeof value === "boolean" ? [] : [`${at} is no boolean`]
  if (type === "timestamp") return typeof value === "number" ? [] : [`${at} is no time in seconds`]
  if (["integer", "long", "float", "double"].includes(type)) {
    const whole = type === "integer" || type === "long"
    if (typeof value !== "number" || (whole && !Number.isInteger(value))) return [`${at} is no ${type}`]
    return value < (min ?? -Infinity) || value > (max ?? Infinity) ? [`${at} is out of bounds: ${value}`] : []
  }
  if (typeof value !== "string") return [`${at} is no text`]
  return [
    ...length({ min, max }, value.length, at),
    ...(pattern !== undefined && whole(pattern)?.test(value) === false ? [`${at} does not match ${pattern}`] : []),
    ...(words !== undefined && !words.includes(value) ? [`${at} is none of the words: ${value}`] : []),
  ]
}

const length = (
  { min = 0, max = Infinity }: Pick<Shape, "min" | "max">,
  size: number,
  at: string,
): readonly string[] => (size < min || size > max ? [`${at} has a length of ${size}`] : [])

/** Patterns mean the whole value; `(?s)` is a flag there. Null: it does not compile. */
function whole(pattern: string): RegExp | null {
  try {
    const bare = pattern.replace(/^\(\?s\)/, "")
    return new RegExp(`^(?:${bare})$`, bare === pattern ? "u" : "su")
  } catch {
    return null
  }
}
