/** The fields of a wanted object, read with patience: what is not of its form counts as none. Pure. */
import { isObject, type Json } from "../base/json.ts"

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** One scope of an audience. */
export interface WantedScope {
  readonly name: string
  readonly description: string
}

/** The scopes of an audience. */
export const scopesIn = (value: Json | undefined): readonly WantedScope[] =>
  listed(value).flatMap((one) =>
    isObject(one) && typeof one.name === "string" ? [{ name: one.name, description: textOf(one.description) }] : [],
  )

/** The names of scopes: a grant has them bare, an audience with their descriptions. */
export const namesIn = (value: Json | undefined): readonly string[] =>
  listed(value).flatMap((one) => (typeof one === "string" ? [one] : scopesIn([one]).map(({ name }) => name)))

const listed = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : [])
