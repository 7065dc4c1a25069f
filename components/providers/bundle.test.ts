import { expect, test } from "vitest"
import { contentsOf } from "./bundle.ts"

test.each([
  [{ applications: [{}, {}], scopes: [{}], resources: [] }, "2 applications, 1 scope, no resource"],
  [{ resources: [{}, {}, {}] }, "no application, no scope, 3 resources"],
  [null, "no application, no scope, no resource"],
])("%j holds %s", (bundle, words) => expect(contentsOf(bundle)).toBe(words))
