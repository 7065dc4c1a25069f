import { z } from "zod"
import { Invalid, type FieldError } from "./errors.ts"

/** Parses at the door. Throws Invalid that names every unusable field. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Invalid(parsed.error.issues.flatMap(fieldErrors))
}

/** A query parameter that may be given several times, as a list: `?scope=a&scope=b`. */
export const severalOf = <T extends z.ZodType>(one: T, max = 50) =>
  z.union([one.transform((value) => [value]), z.array(one).min(1).max(max)])

const codes: Readonly<Record<string, string>> = {
  invalid_type: "wrong_type",
  too_small: "too_small",
  too_big: "too_big",
  invalid_format: "bad_format",
  invalid_value: "not_allowed",
  invalid_union: "wrong_shape",
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String)
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key].join("."),
      code: "unknown_field",
      message: "This field is not known here.",
    }))
  }
  const own: unknown = issue.code === "custom" ? issue.params?.code : undefined
  return [
    {
      path: path.join("."),
      code: typeof own === "string" ? own : (codes[issue.code] ?? issue.code),
      message: issue.message,
    },
  ]
}
