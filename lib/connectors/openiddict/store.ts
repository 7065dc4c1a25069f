import { call } from "../call.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Memory, Opened } from "../port.ts"
import { bundleFormat, emptyState, patched, state, type Patch, type State } from "./bundle.ts"
import type { OpeniddictSettings } from "./settings.ts"

/** Tens of thousands of clients. */
const stateBytesMax = 64_000_000

/** Where the bundle lives: at a host that offers the bundle API, or with us, to be exported. */
export interface BundleStore {
  read(step: string): Promise<State>
  /** Refused as `conflict` when the state has moved on since `before`. `hide`: values that no error may repeat. */
  write(step: string, kind: "create" | "write", before: State, patch: Patch, hide?: readonly string[]): Promise<void>
}

export function storeOf({ fetch, memory, providerId }: Opened, settings: OpeniddictSettings): BundleStore {
  const { bundle_url: base, bundle_token: token } = settings
  if (base === undefined) return exported(memory)
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const hidden = token === undefined ? [] : [token]
  return {
    read: (step) =>
      call(
        fetch,
        {
          step,
          kind: "read",
          method: "GET",
          url: `${base}/state`,
          headers,
          hide: hidden,
          maxBytes: stateBytesMax,
          timeoutMs: 20_000,
        },
        state,
      ),
    async write(step, kind, before, patch, hide = []) {
      const json = { format: bundleFormat, instance: providerId, revision: before.revision, ...patch }
      await call(
        fetch,
        { step, kind, method: "PUT", url: `${base}/bundle`, headers, json, hide: [...hidden, ...hide] },
        state.pick({ format: true, revision: true }),
      )
    },
  }
}

/** The last exported bundle is the state: it is what a plan is compared with. */
function exported(memory: Memory): BundleStore {
  return {
    read: () => lastExported(memory),
    async write(step, _kind, before, patch) {
      const now = await lastExported(memory)
      if (now.revision !== before.revision)
        throw new ConnectorError("conflict", step, "The bundle was changed by somebody else in this moment.")
      await keepExported(memory, patched(now, patch, String(Number(now.revision) + 1)))
    },
  }
}

const name = "bundle"

export async function lastExported(memory: Memory): Promise<State> {
  const text = await memory.read(name)
  return text === null ? emptyState : state.parse(JSON.parse(text))
}

export const keepExported = (memory: Memory, next: State): Promise<void> => memory.write(name, JSON.stringify(next))
