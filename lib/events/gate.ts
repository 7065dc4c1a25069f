import { Unavailable } from "../base/errors.ts"

/** How many may run and wait, and for how long. Beyond that a sender is told to come again (back-pressure, P9). */
export class Gate {
  private running = 0
  private readonly waiting: (() => void)[] = []
  private readonly options: { readonly running: number; readonly waiting: number; readonly waitMs: number }
  constructor(options: { running: number; waiting: number; waitMs: number }) {
    this.options = options
  }

  /** Runs when there is room. Throws Unavailable (503, Retry-After) when the queue is full or the wait too long. */
  async pass<T>(run: () => Promise<T>): Promise<T> {
    if (this.running >= this.options.running) await this.wait()
    else this.running++
    try {
      return await run()
    } finally {
      const next = this.waiting.shift()
      if (next) next()
      else this.running--
    }
  }

  private wait(): Promise<void> {
    if (this.waiting.length >= this.options.waiting) return Promise.reject(busy())
    return new Promise((resolve, reject) => {
      const go = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(go), 1)
        reject(busy())
      }, this.options.waitMs)
      this.waiting.push(go)
    })
  }
}

const busy = () => new Unavailable("busy", "Grantry is taking in as much as it can. Send the same batch again.", 1)
