import { inspect } from "node:util"

const held = new WeakMap<Secret, string>()

/** A value that prints as `[redacted]` everywhere. `reveal()` is called only where it leaves for its one purpose. */
export class Secret {
  constructor(value: string) {
    held.set(this, value)
  }
  reveal(): string {
    const value = held.get(this)
    if (value === undefined) throw new TypeError("not a secret of this process")
    return value
  }
  toString(): string {
    return "[redacted]"
  }
  toJSON(): string {
    return "[redacted]"
  }
  [inspect.custom](): string {
    return "[redacted]"
  }
}
