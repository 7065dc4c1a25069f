import { afterEach, expect, test, vi } from "vitest"
import { api } from "./api.ts"
import { answerStepUps } from "./stepUp.ts"

const refused = () =>
  new Response(JSON.stringify({ code: "step_up_needed", detail: "Confirm your password first." }), { status: 403 })
const ok = () => new Response(JSON.stringify({ secret_id: "s1" }))

function serverOf(...answers: (() => Response)[]): { bodies: unknown[] } {
  const bodies: unknown[] = []
  vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
    bodies.push(init.body)
    const answer = answers.shift()
    if (!answer) throw new Error("one request too many")
    return answer()
  })
  return { bodies }
}

let stop = () => {}
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
})

test("after the password was confirmed the same request goes out again, and its answer is the answer", async () => {
  const { bodies } = serverOf(refused, ok)
  let asked = 0
  stop = answerStepUps(async () => ++asked > 0)
  expect(await api("/x", { method: "POST", body: { reason: "typed" } })).toEqual({ secret_id: "s1" })
  expect([asked, bodies]).toEqual([1, ['{"reason":"typed"}', '{"reason":"typed"}']])
})

test("who does not confirm gets the refusal, and nothing is sent again", async () => {
  const { bodies } = serverOf(refused)
  stop = answerStepUps(async () => false)
  await expect(api("/x", { method: "POST" })).rejects.toMatchObject({ code: "step_up_needed", status: 403 })
  expect(bodies).toHaveLength(1)
})

test("a server that asks a second time is not asked for ever", async () => {
  const { bodies } = serverOf(refused, refused)
  stop = answerStepUps(async () => true)
  await expect(api("/x", { method: "POST" })).rejects.toMatchObject({ code: "step_up_needed" })
  expect(bodies).toHaveLength(2)
})
