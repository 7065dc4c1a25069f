import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, describe, expect, test, vi } from "vitest"
import { withProgress } from "./progress.mjs"

const terminal = (isTTY: boolean, columns?: number) => {
  const written: string[] = []
  return { written, isTTY, ...(columns === undefined ? {} : { columns }), write: (text: string) => written.push(text) }
}

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

describe("what takes its time", () => {
  test("counts seconds on one line of a terminal and leaves that line empty", async () => {
    vi.stubEnv("TERM", "xterm")
    vi.useFakeTimers()
    const out = terminal(true)
    const work = withProgress("Installing", () => sleepFake(2_500).then(() => "done"), out)
    await vi.advanceTimersByTimeAsync(2_600)
    expect(await work).toBe("done")
    expect(out.written).toEqual([
      "\r\u001b[KInstalling: 0 s",
      "\r\u001b[KInstalling: 1 s",
      "\r\u001b[KInstalling: 2 s",
      "\r\u001b[K",
    ])
  })

  test("is one plain line where nobody watches", async () => {
    const out = terminal(false)
    await withProgress("Installing", () => sleep(5), out)
    expect(out.written).toEqual(["Installing\n"])
  })

  test("never wraps on a narrow terminal", async () => {
    vi.stubEnv("TERM", "xterm")
    const out = terminal(true, 8)
    await withProgress("Installing", () => sleep(5), out)
    expect(out.written[0]).toBe("\r\u001b[KInstall")
  })

  test("passes a failure on, with the line cleared", async () => {
    vi.stubEnv("TERM", "xterm")
    const out = terminal(true)
    await expect(withProgress("Installing", () => Promise.reject(new Error("no network")), out)).rejects.toThrow(
      "no network",
    )
    expect(out.written.at(-1)).toBe("\r\u001b[K")
  })
})

const sleepFake = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
