import fc from "fast-check"
import { expect, test } from "vitest"
import { lines, window } from "./line.fixture.ts"
import { eventLine } from "./schema.ts"
import { isRejection, validateCarefully, validateLine } from "./validate.ts"
import { reasons } from "./words.ts"

const numRuns = 50_000
const known: ReadonlySet<string> = new Set(reasons)

/** A failure prints its seed and path: give both to `fc.assert` to see it again. */
test(`hand validator and schema accept the same lines, ${numRuns} times`, () => {
  fc.assert(
    fc.property(lines, (line) => {
      const text = JSON.stringify(line)
      const accepted = eventLine.safeParse(JSON.parse(text)).success
      const found = validateLine(text, window)
      const careful = validateCarefully(text, window)
      if (isRejection(found) === accepted) throw new Error(`validateLine says ${JSON.stringify(found)}: ${text}`)
      if (isRejection(careful) === accepted) throw new Error(`carefully ${JSON.stringify(careful)}: ${text}`)
      if (!isRejection(found) && found.reason !== null && !known.has(found.reason))
        throw new Error(`a reason of no vocabulary: ${text}`)
    }),
    { numRuns },
  )
  expect.assertions(0)
}, 300_000)
