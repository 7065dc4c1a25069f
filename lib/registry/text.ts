import { z } from "zod"

/**
 * Text as Postgres and every provider can hold it: no control characters (NUL among them), no lone surrogates.
 * reliability.md 4.4.
 */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not hold control characters or broken Unicode")

/** The same, and not empty. */
export const words = (max: number) => line(max).min(1, "must not be empty")

/** Like `line`, with line breaks and tabs. */
export const prose = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, "must not hold control characters or broken Unicode")

/** A list without repeats, in the order of first mention. */
export const distinct = <T extends z.ZodType<string>>(item: T, max: number) =>
  z
    .array(item)
    .max(max)
    .transform((list) => [...new Set(list)])
