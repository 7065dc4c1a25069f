import { isObject } from "../../base/json.ts"

/**
 * What a PUT may carry of an answer: without the members that Okta sets itself, and without nulls, which real answers hold
 * and the contract forbids in a request. A PUT replaces, so a member that is not sent is unset just the same.
 */
export const writable = (answer: object, theirs: readonly string[] = []): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(answer).flatMap(([name, value]) =>
      value === null || value === undefined || theirs.includes(name) ? [] : [[name, clean(value)]],
    ),
  )

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => one !== null).map(clean)
  return isObject(value) ? writable(value) : value
}
