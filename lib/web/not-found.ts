import "server-only"
import { randomUUID } from "node:crypto"
import { Refused } from "../base/errors.ts"
import { problem } from "./problem.ts"

/** Tells nothing about what exists elsewhere, so nobody needs to be signed in. */
export const notFoundHere = (): Response =>
  problem(
    new Refused("not_found", "There is no such address in this API. See /api/v1/openapi.json.", { status: 404 }),
    randomUUID(),
  )
